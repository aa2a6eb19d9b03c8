"""Which part imports which: the arrows between rooms, and inside api/ and endpoint/ those of the one-way walk.

Every import statement is read, those inside functions and for type checkers too.
"""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

PRODUCT = {"api", "bench", "bulk", "contract", "deploy", "endpoint", "local", "models"}
API_COMMON = {
    *("api/job_name.py", "api/job_schemas.py", "api/observability.py"),
    *("api/problems.py", "api/schemas.py", "api/settings.py", "api/voice_schemas.py", "contract"),
}

ARROWS: dict[str, set[str]] = {
    "contract": set(),
    # app -> routes -> use cases -> clients
    "api/app.py": API_COMMON | {"api/routes"},
    "api/authorizer.py": set(),
    "api/routes": API_COMMON
    | {
        *("api/caption_links.py", "api/captions.py", "api/jobs.py", "api/synthesis.py", "api/voice_library.py"),
        "api/voices.py",
    },
    "api/routes/health.py": API_COMMON | {"api/endpoint_client.py", "api/routes"},
    "api/routes/in_time.py": API_COMMON | {"api/deadline.py"},
    "api/routes/page.py": API_COMMON | {"api/routes", "api/s3.py"},
    "api/synthesis.py": API_COMMON
    | {"api/audio_store.py", "api/deadline.py", "api/endpoint_client.py", "api/s3.py", "api/voices.py"},
    "api/voices.py": API_COMMON | {"api/recordings.py", "api/s3.py"},
    "api/voice_library.py": API_COMMON | {"api/recordings.py", "api/s3.py", "api/voices.py"},
    "api/recordings.py": {"contract"},
    "api/caption_links.py": API_COMMON | {"api/audio_store.py"},
    "api/captions.py": API_COMMON,
    # The durable function, and what it shares with the API's use case of jobs.
    "api/job_handler.py": API_COMMON
    | {
        *("api/audio_store.py", "api/captions.py", "api/endpoint_client.py", "api/job_callbacks.py"),
        *("api/job_plan.py", "api/job_store.py", "api/jobs.py", "api/joining.py", "api/synthesis.py", "api/voices.py"),
    },
    "api/jobs.py": API_COMMON
    | {
        *("api/audio_store.py", "api/captions.py", "api/durable.py", "api/job_plan.py", "api/job_store.py"),
        *("api/s3.py", "api/voices.py"),
    },
    "api/job_store.py": API_COMMON | {"api/s3.py"},
    "api/durable.py": API_COMMON,
    "api/job_plan.py": API_COMMON,
    "api/joining.py": API_COMMON,
    "api/job_schemas.py": {"contract", "api/job_callbacks.py"},
    "api/job_callbacks.py": set(),
    "api/job_name.py": set(),
    "api/audio_store.py": API_COMMON | {"api/s3.py"},
    "api/endpoint_client.py": API_COMMON,
    "api/s3.py": API_COMMON,
    "api/deadline.py": set(),
    "api/observability.py": API_COMMON,
    "api/problems.py": API_COMMON,
    "api/schemas.py": API_COMMON,
    "api/settings.py": API_COMMON,
    "api/voice_schemas.py": {"contract"},
    # ingress | inference, deployment -> speaker -> references, audio -> storage, engine
    "endpoint/ingress.py": {"contract", "endpoint/answer.py"},
    "endpoint/inference.py": {"contract", "endpoint/answer.py", "endpoint/speaker.py"},
    "endpoint/deployment.py": {"contract", "endpoint/answer.py", "endpoint/schedule.py", "endpoint/speaker.py"},
    "endpoint/schedule.py": {"contract", "endpoint/engine"},
    "endpoint/speaker.py": {
        *("contract", "endpoint/answer.py"),
        *("endpoint/audio.py", "endpoint/engine", "endpoint/lexicons.py", "endpoint/loudness.py"),
        *("endpoint/references.py", "endpoint/storage.py", "endpoint/text"),
    },
    "endpoint/references.py": {"contract", "endpoint/engine", "endpoint/recent.py", "endpoint/storage.py"},
    "endpoint/lexicons.py": {
        *("contract", "endpoint/recent.py", "endpoint/references.py", "endpoint/storage.py", "endpoint/text"),
    },
    "endpoint/storage.py": {"contract"},
    "endpoint/recent.py": set(),
    "endpoint/audio.py": {"contract", "endpoint/engine"},
    "endpoint/loudness.py": {"endpoint/engine"},
    "endpoint/answer.py": {"contract"},
    "endpoint/engine": {"contract"},
    "endpoint/text": set(),
    # What stands around the two programs.
    "deploy": {"contract", "endpoint/engine"},
    "deploy/voices.py": {"contract", "deploy", "endpoint/text"},
    "deploy/api_reference.py": {"api/routes"},
    "deploy/openapi_documents.py": {"api/routes", "contract"},
    "docs": set(),
    "bulk": {
        *("contract", "endpoint/engine", "endpoint/lexicons.py", "endpoint/loudness.py"),
        *("endpoint/references.py", "endpoint/speaker.py", "endpoint/text"),
    },
    "local": {"contract", "deploy/checksums.py", "deploy/errors.py", "deploy/layout.py"},
    "local/say.py": {"contract", "deploy/layout.py", "endpoint"},
    "bench": {"bulk", "contract", "endpoint"},
    "models": {"bench", "contract", "endpoint"},
    # A folder of tests imports itself and what all share.
    "tests/support": PRODUCT,
    "tests/conftest.py": PRODUCT | {"tests/support"},
    **{
        f"tests/{folder}": PRODUCT | {"tests/support"}
        for folder in (
            *("bench", "bulk", "clients", "containers", "contract", "deploy", "docs", "integration"),
            *("jobs", "lambda_runtime", "models", "page", "template", "unit"),
        )
    },
}
"""By file or folder, the other files and folders that it may import. The row of the longest path holds; a folder may
import itself. A new file of api/ or endpoint/ needs a row."""

PACKAGES = {
    "contract": {"pydantic", "pydantic_core"},
    "contract/recording/levels.py": {"numpy"},
    "contract/recording/sound_file.py": {"numpy", "soundfile"},
    "contract/recording/trimming.py": {"numpy"},
    "contract/recording/usable.py": {"numpy"},
}
"""The only packages that these may import, beyond the standard library."""

FORBIDDEN = {
    "api": {"numpy", "soundfile", "torch"},
    "api/joining.py": {"torch"},
    "endpoint/engine": {"boto3", "botocore", "fastapi", "http", "httpx", "ray", "requests", "starlette", "urllib"},
}
"""What these may not import, packages or the standard library's."""


def sources() -> list[str]:
    """Every Python file of the rooms."""
    rooms = sorted({path.split("/")[0] for path in ARROWS})
    return [path.relative_to(REPOSITORY).as_posix() for room in rooms for path in (REPOSITORY / room).rglob("*.py")]


def module_name(path: str) -> str:
    """The name that a file is imported by: api/ and endpoint/ are on Python's path themselves."""
    parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
    return ".".join(parts[1:] if parts[0] in ("api", "endpoint") else parts)


FILES = {module_name(path): path for path in sources()}


def imported(path: str) -> Iterator[str]:
    """The modules that a file's import statements name."""
    for node in ast.walk(ast.parse((REPOSITORY / path).read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names):
                yield from (each.name for each in names)
            case ast.ImportFrom(module, names, level):
                assert not level, f"{path} imports relatively: name the package"
                # `from package import name` may name a module or what stands in one.
                for each in names:
                    yield f"{module}.{each.name}" if f"{module}.{each.name}" in FILES else str(module)


def own_imports(path: str) -> Iterator[str]:
    """Files of the repository that a file imports."""
    for name in imported(path):
        while name and name not in FILES:
            name = name.rpartition(".")[0]
        if name:
            yield FILES[name]


def within(path: str, places: set[str]) -> bool:
    return any(path == place or path.startswith(f"{place}/") for place in places)


def row(path: str, table: dict[str, set[str]]) -> str | None:
    """The longest path of a table that holds a file."""
    return max((place for place in table if within(path, {place})), key=len, default=None)


def test_every_file_has_a_row() -> None:
    assert [path for path in sources() if row(path, ARROWS) is None] == []


def test_every_room_is_in_the_table() -> None:
    rooms = {path.parent.name for path in REPOSITORY.glob("[a-z]*/*.py")}
    assert rooms <= {path.split("/")[0] for path in ARROWS}


def test_imports_go_one_way() -> None:
    against = [
        f"{path} imports {target}"
        for path in sources()
        if (place := row(path, ARROWS))
        for target in own_imports(path)
        if not within(target, ARROWS[place] | {place})
    ]
    assert not against, "\n".join(against)


def test_no_door_calls_another() -> None:
    doors = {
        path
        for path in sources()
        if within(path, {"api/routes"})
        and re.search(r"^(router|resolver) = ", (REPOSITORY / path).read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert {"api/routes/agent.py", "api/routes/lines.py"} <= doors
    assert [
        f"{path} imports {target}"
        for path in doors - {"api/routes/documents.py", "api/routes/door.py"}  # describes them all, opens them all
        for target in own_imports(path)
        if target in doors
    ] == []


def test_no_two_modules_have_one_name() -> None:
    # api/ and endpoint/ are both on Python's path in tests and for mypy.
    names = Counter(module_name(path) for path in sources())
    assert [name for name, count in names.items() if count > 1 and name] == []


def test_the_contract_needs_little_and_the_engine_knows_neither_aws_nor_http() -> None:
    against = []
    for path in sources():
        packages = {name.split(".")[0] for name in imported(path)}
        if place := row(path, FORBIDDEN):
            against += [f"{path} imports {name}" for name in packages & FORBIDDEN[place]]
        if place := row(path, PACKAGES):
            allowed = PACKAGES[place] | sys.stdlib_module_names | {"contract"}
            against += [f"{path} imports {name}" for name in packages - allowed]
    assert not against, "\n".join(against)


def test_one_file_of_the_lambda_imports_what_judges_recordings_and_only_when_it_is_asked() -> None:
    # It needs numpy and libsndfile, for which no line should wait.
    judges = {path for path in sources() if PACKAGES.get(path, set()) & FORBIDDEN["api"]}
    lambdas = [path for path in sources() if within(path, {"api", "contract"}) and path not in judges]
    assert judges
    assert [path for path in lambdas if judges.intersection(own_imports(path))] == ["api/recordings.py"]
