"""The claims of the local_properties paper beyond their controls."""

from __future__ import annotations

from workflow_scripts.papers.local_properties.findings import STATISTICS
from workflow_scripts.papers.survival import survival_renderer

table = survival_renderer(*STATISTICS)
