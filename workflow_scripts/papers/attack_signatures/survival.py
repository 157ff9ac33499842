"""The claims of the attack_signatures paper beyond their controls."""

from __future__ import annotations

from workflow_scripts.papers.attack_signatures.findings import STATISTICS
from workflow_scripts.papers.survival import survival_renderer

table = survival_renderer(*STATISTICS)
