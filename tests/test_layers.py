"""The direction of imports: who may know whom. Sources are parsed, not run."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import coach

PACKAGE = Path(coach.__file__).parent
FILES = {
    ".".join(("coach", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
TREES = {name: ast.parse(path.read_text("utf-8")) for name, path in FILES.items()}
MODEL = {"torch", "transformers", "tokenizers", "spacy", "sklearn", "scipy"}
FITTING = {
    f"coach.{name}"
    for name in (
        "training",
        "head_training",
        *(f"evaluation.{name}" for name in ("calibration", "measures", "transfer", "wholes")),
    )
}
MODEL_USERS = {f"coach.{name}" for name in ("classifier", "windows", "tagging", "language")} | FITTING
STATISTICS = {"coach.scoring", "coach.intervals", "coach.clusters"}


def _imports(name: str) -> Iterator[str]:
    """Every module that the module names in an import, wherever in it the import stands."""
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} has a relative import"
            modules = {f"{node.module}.{alias.name}" for alias in node.names} & FILES.keys()
            yield from modules or {node.module or ""}


IMPORTS = {name: frozenset(_imports(name)) for name in FILES}
OURS = {name: frozenset(found & FILES.keys()) for name, found in IMPORTS.items()}
TOPS = {name: frozenset(one.partition(".")[0] for one in found) for name, found in IMPORTS.items()}


def users(*modules: str) -> set[str]:
    return {name for name, found in TOPS.items() if found & set(modules)}


def is_in(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def _calls(name: str) -> Iterator[str]:
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def test_the_files_were_found() -> None:
    assert {"coach", "coach.cli", "coach.readers", "coach.report.render"} <= FILES.keys()
    assert OURS["coach.scoring"] == {"coach.conversation", "coach.cues", "coach.intervals", "coach.rubric"}


def test_the_nouns_errors_and_progress_import_nothing_of_ours() -> None:
    for name in ("conversation", "errors", "progress"):
        assert OURS[f"coach.{name}"] == set(), name


def test_readers_know_only_the_nouns_and_the_errors() -> None:
    for name in FILES:
        if is_in(name, "coach.readers"):
            others = {one for one in OURS[name] if not is_in(one, "coach.readers")}
            assert others <= {"coach.conversation", "coach.errors"}, name


def test_only_the_model_side_knows_machine_learning() -> None:
    assert users(*MODEL - {"scipy"}) <= MODEL_USERS


def test_sklearn_is_for_training_and_evaluation_and_scipy_for_statistics_too() -> None:
    assert users("sklearn") <= FITTING
    assert users("scipy") <= FITTING | STATISTICS


def test_what_a_review_needs_is_installed_with_coach() -> None:
    """Whatever stands outside training and evaluation may import what the base dependencies bring, and no more."""
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text("utf-8"))["project"]
    known = {re.split(r"[^\w-]", one)[0].replace("-", "_") for one in project["dependencies"]}
    names = {"pyspellchecker": "spellchecker", "webvtt_py": "webvtt", "typer": "click"}
    installed = known | {names.get(one, one) for one in known} | {"markupsafe"}  # markupsafe is jinja2's
    running = {name for name in FILES if name not in FITTING and not is_in(name, "coach.evaluation")}
    needed = {top for name in running for top in TOPS[name]} - sys.stdlib_module_names - {"coach"}
    assert needed - installed == {"pyarrow"}  # an extra, asked for in words
    assert users("pyarrow") == {"coach.export"}


def test_torch_runs_in_the_classifier_and_in_training_only() -> None:
    assert users("torch") == {"coach.classifier", "coach.training"}


def test_only_the_store_knows_sqlite() -> None:
    assert users("sqlite3", "sqlite_utils") == {"coach.store"}


def test_only_reports_know_html() -> None:
    assert users("jinja2", "markupsafe")
    assert all(is_in(name, "coach.report") for name in users("jinja2", "markupsafe"))


def test_only_the_command_line_prints_and_exits() -> None:
    assert users("typer") == {"coach.cli"}
    ends = {"print", "exit", "quit", "sys.exit", "os._exit", "sys.stdout.write", "sys.stderr.write"}
    for name in FILES:
        if name != "coach.cli":
            assert not ends & set(_calls(name)), name
            raised = {ast.unparse(node) for node in ast.walk(TREES[name]) if isinstance(node, ast.Raise)}
            assert not any("SystemExit" in one for one in raised), name


def test_nobody_knows_the_command_line() -> None:
    assert {name for name, found in OURS.items() if "coach.cli" in found} == {"coach.__main__"}


def test_reports_read_judgements_and_never_make_them() -> None:
    judges = {f"coach.{name}" for name in ("classifier", "tagging", "judging", "training")}
    for name in FILES:
        if is_in(name, "coach.report"):
            assert not judges & OURS[name], name
            assert not any(is_in(one, "coach.evaluation") for one in OURS[name]), name


def test_no_module_imports_itself_round_about() -> None:
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " → ".join((*above, name))
        if name not in done:
            for one in OURS[name] - {"coach"}:
                visit(one, (*above, name))
            done.add(name)

    for name in FILES:
        visit(name, ())


def loaded_by(statement: str) -> set[str]:
    """What is in sys.modules after the statement, in an interpreter of its own."""
    program = f"import sys; sys.path.insert(0, {str(PACKAGE.parent)!r}); {statement}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_command_line_starts_without_machine_learning_or_the_store() -> None:
    loaded = loaded_by("import coach.cli")
    assert "coach.cli" in loaded
    assert not loaded & (MODEL | {"numpy", "sqlite_utils", "jinja2"})


def test_reports_are_made_without_machine_learning() -> None:
    loaded = loaded_by("import coach.report, coach.store")
    assert "coach.report.render" in loaded
    assert not loaded & MODEL
