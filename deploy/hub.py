"""The Hugging Face hub: what a repository holds, and files of it, each fetched once and whole.

PUT HERE: how the hub is asked, and what its failures mean.
DO NOT PUT HERE: which files make a model (`model`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import httpx
from huggingface_hub import HfApi, constants, get_token, hf_hub_url
from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, OfflineModeIsEnabled, RepositoryNotFoundError
from huggingface_hub.file_download import http_get

from deploy.checksums import read_sums, sha256
from deploy.errors import DeployError

ANSWER_SECONDS = 20
KNOWN = Path(__file__).with_name("known-weights.sha256")


class HubFile(NamedTuple):
    """A file on the hub.

    Attributes:
        repository: where it is.
        commit: of the repository.
        name: its path there.
        size: bytes.
        checksum: SHA-256 of a large file (64 hex digits), Git's SHA-1 of a small one (40).
    """

    repository: str
    commit: str
    name: str
    size: int
    checksum: str


class Repository(NamedTuple):
    """What the hub tells of a repository: its licence, if its page names one, and its files by their paths."""

    name: str
    licence: str | None
    files: Mapping[str, HubFile]


@dataclass(frozen=True)
class Hub:
    """The hub, or what stands in for it.

    Args:
        endpoint: its address; by default HF_ENDPOINT's.
        known: SHA-256 that files must have whatever the hub says, by `user/repository/path`.
    """

    endpoint: str = constants.ENDPOINT
    known: Mapping[str, str] = field(default_factory=lambda: read_sums(KNOWN))

    def look_up(self, repository: str) -> Repository:
        """Ask what a repository holds.

        Raises:
            DeployError: the hub does not tell, or a file in it is not the one that is known.
        """
        with self._in_one_sentence(repository):
            info = HfApi(self.endpoint).model_info(repository, files_metadata=True, timeout=ANSWER_SECONDS)
        commit = info.sha or constants.DEFAULT_REVISION
        files = {
            each.rfilename: HubFile(
                repository, commit, each.rfilename, each.size or 0, each.lfs.sha256 if each.lfs else each.blob_id or ""
            )
            for each in info.siblings or []
        }
        for name, file in files.items():
            if self.known.get(f"{repository}/{name}", file.checksum) != file.checksum:
                raise DeployError(
                    f"{repository} holds another {name} than it did when {KNOWN.name} was written: find out why before "
                    "you trust it."
                )
        licence = info.card_data.license if info.card_data else None
        return Repository(repository, licence if isinstance(licence, str) else None, files)

    def fetch(self, file: HubFile, target: Path) -> None:
        """Fetch a file, and go on where an earlier run was interrupted. Progress is told on standard error.

        Args:
            file: which.
            target: where to. It appears there once its checksum is right.

        Raises:
            DeployError: it cannot be had, or is damaged.
        """
        target.parent.mkdir(parents=True, exist_ok=True)
        # hf_hub_download would begin anew: it keeps nothing of what was interrupted.
        begun = target.with_name(f"{target.name}.{file.checksum[:12]}.part")
        token = get_token()
        with begun.open("ab") as stream, self._in_one_sentence(file.repository):
            http_get(
                hf_hub_url(file.repository, file.name, revision=file.commit, endpoint=self.endpoint),
                stream,
                resume_size=stream.tell(),
                headers={"Authorization": f"Bearer {token}"} if token else {},
                expected_size=file.size,
                displayed_filename=file.name,
            )
        if _checksum(begun, file) != file.checksum:
            begun.unlink()
            raise DeployError(f"{file.repository}/{file.name} came damaged: run this again to fetch it anew.")
        begun.replace(target)

    @contextmanager
    def _in_one_sentence(self, repository: str) -> Iterator[None]:
        """Say what went wrong with the hub as a DeployError."""
        try:
            yield
        except GatedRepoError:
            raise DeployError(
                f"{repository} is given only to who accepts its terms: do so at {self.endpoint}/{repository}, then run "
                "`hf auth login`."
            ) from None
        except RepositoryNotFoundError:
            raise DeployError(
                f"The hub has no repository {repository}: look for a slip in the name, or run `hf auth login` if it is "
                "private."
            ) from None
        except HfHubHTTPError as error:
            raise DeployError(
                f"The hub answered {error.response.status_code} for {repository}: run this again later."
            ) from None
        except (httpx.TransportError, OfflineModeIsEnabled) as error:
            reason = str(error).partition("\n")[0] or type(error).__name__
            raise DeployError(
                f"The hub at {self.endpoint} cannot be reached ({reason}): run this again when it can, and it goes on "
                "where it stopped."
            ) from None


def _checksum(path: Path, file: HubFile) -> str:
    if len(file.checksum) == hashlib.sha256().digest_size * 2:
        return sha256(path)
    # What `git hash-object` says.
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0%b" % (len(content), content), usedforsecurity=False).hexdigest()
