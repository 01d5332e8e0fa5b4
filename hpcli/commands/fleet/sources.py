"""Where documents come from: a file, the account as it is now, a snapshot, another profile."""

from __future__ import annotations

import hashlib
from pathlib import Path

from hpcli.commands.fleet.account import fleet_folder, read_live
from hpcli.fleet.document import Document
from hpcli.fleet.files import JSON, YAML, decode, kind_of
from hpcli.fleet.snapshots import Snapshots
from hpcli.parse import parse_until
from hpcli.run.context import Context
from hpcli.run.inputs import read_file

NOW, PROFILE, LAST = "now", "profile:", "last"


def read_source(ctx: Context, word: str) -> Document:
    """Return the document that a word names.

    Args:
        ctx: the command's context.
        word: a file, `now`, `@` and a time for the newest snapshot until then, `@last`, or `profile:` and a name.

    Raises:
        UsageError: the file is not a document, or the word is wrong.
        NotFoundError: there is no such snapshot.
        LocalError: the file cannot be read.
    """
    text = word.strip()
    if text.lower() == NOW:
        return read_live(ctx, ctx.run.session)
    if text.lower().startswith(PROFILE):
        session = ctx.run.session_of(text[len(PROFILE) :].strip())
        try:
            return read_live(ctx, session)
        finally:
            session.close()
    if text.startswith("@"):
        moment = text[1:].strip()
        end = ctx.run.now() if moment.lower() == LAST else parse_until(moment, ctx.run.now())
        return Snapshots(fleet_folder(ctx, ctx.run.session, "snapshots")).read_at(end)
    return read_document_file(ctx, word)


def read_document_file(ctx: Context, word: str) -> Document:
    """Return the document of a file, or of JSON or YAML on stdin (`-`).

    Raises:
        UsageError: it is not a document.
        LocalError: it cannot be read.
    """
    if word == "-":
        content = ctx.inputs.read_given("-", "fleet file") or b""
        kind = JSON if content.lstrip()[:1] in (b"{", b"") else YAML
        return decode(content, kind, "The fleet file on stdin")
    path = Path(word)
    kind = kind_of(path)
    content = read_file(path, "fleet file")
    ctx.inputs.files[word] = hashlib.sha256(content).hexdigest()
    return decode(content, kind, word)
