"""Pages for agents, team leads and trainers, made from the store. The only part that knows HTML."""

from coach.report.render import agent_json, agent_markdown, agent_page
from coach.report.write import prepare, report_for, write_reports

__all__ = ["agent_json", "agent_markdown", "agent_page", "prepare", "report_for", "write_reports"]
