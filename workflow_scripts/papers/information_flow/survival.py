"""The claims of the information_flow paper beyond their controls."""

from __future__ import annotations

from workflow_scripts.papers.information_flow.findings import STATISTICS
from workflow_scripts.papers.survival import survival_renderer

table = survival_renderer(*STATISTICS)
