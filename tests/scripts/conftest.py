"""Plans made in an empty folder."""

from tests.plan.planner import folder, plan

__all__ = ["folder", "plan"]
