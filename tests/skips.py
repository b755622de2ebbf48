"""Skipped tests are named at the end of a run. What this machine lacks fails a run that was asked to be whole."""

import os

import pytest

LACKS = "this machine lacks"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = sorted((report.nodeid, _reason(report)) for report in terminalreporter.stats.get("skipped", []))
    if skipped:
        terminalreporter.section("skipped, by name")
        for name, reason in skipped:
            terminalreporter.line(f"{name}: {reason}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not os.environ.get("SIACH_TEST_WHOLE") or session.exitstatus != pytest.ExitCode.OK:
        return
    if any(LACKS in _reason(report) for report in reporter.stats.get("skipped", [])):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    place = report.longrepr
    return str(place[2] if isinstance(place, tuple) else place).removeprefix("Skipped: ")
