"""The abscissa of curves over the layers of a network."""

from workflow_scripts.analysis.comparison.depths import relative_depths
from workflow_scripts.rendering.figures.attack_curves import Abscissa

DEPTH_AXIS = Abscissa(relative_depths(), "relative depth")
