"""Profiles, and keys in files."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from hpcli.auth.account import REGIONS
from hpcli.auth.keys import FileStore, Secret, read_device_keys_file, read_secret_file
from hpcli.auth.profiles import Profile, Profiles, git_work_tree_warning
from hpcli.errors import LocalError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# Profiles


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "config"


def write(folder: Path, text: str) -> Profiles:
    folder.mkdir(exist_ok=True)
    (folder / "config.toml").write_text(text, encoding="utf-8")
    return Profiles(folder)


def test_without_a_file_there_are_no_profiles(folder: Path) -> None:
    profiles = Profiles(folder)
    assert (profiles.default, profiles.names()) == (None, ())
    assert profiles.read_setting("settings.timeout") is None
    assert not folder.exists()


def test_a_saved_profile_is_read_again(folder: Path) -> None:
    work = Profile("work.eu-1", "key-1", REGIONS["russia"], "Q12345678", "admin", "file")
    Profiles(folder).save(work)
    read = Profiles(folder).get("work.eu-1")
    assert read._replace(settings={}) == work
    assert read.settings == {"base-url": REGIONS["russia"], "device": "Q12345678", "user-level": "admin"}


def test_the_first_profile_is_the_default_until_another_is_chosen(folder: Path) -> None:
    profiles = Profiles(folder)
    profiles.save(Profile("one", "k1"))
    profiles.save(Profile("two", "k2"))
    assert (profiles.default, profiles.names()) == ("one", ("one", "two"))
    profiles.set_default("two")
    assert Profiles(folder).default == "two"
    profiles.remove("two")
    assert (Profiles(folder).default, profiles.names()) == ("one", ("one",))


def test_the_config_file_and_its_folder_are_the_owners_alone(folder: Path) -> None:
    before = os.umask(0)
    try:
        Profiles(folder).save(Profile("work", "key"))
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_changes_keep_the_comments_the_order_and_what_others_wrote(folder: Path) -> None:
    text = (
        '# mine\n[settings]\ntimeout = "30s" # slow line\n\n[profiles.b]\napp-key = "k" # spring\nown = 1\n'
    )
    profiles = write(folder, text)
    assert profiles.default == "b"
    Profiles(folder).write_setting("settings.utc", value=True)
    profiles.write_setting("profiles.b.device", "Q1")
    assert profiles.path.read_text() == (
        '# mine\n[settings]\ntimeout = "30s" # slow line\nutc = true\n\n'
        '[profiles.b]\napp-key = "k" # spring\nown = 1\ndevice = "Q1"\n'
    )
    profiles.write_setting("settings.utc", None)
    profiles.write_setting("profiles.b.device", None)
    assert profiles.path.read_text() == text


def test_settings_are_read_by_dotted_key(folder: Path) -> None:
    profiles = write(folder, '[settings]\ntimeout = "30s"\n[profiles.work]\napp-key = "k"\nutc = true\n')
    assert profiles.read_setting("settings.timeout") == "30s"
    assert profiles.read_setting("profiles.work.utc") is True
    assert profiles.read_setting("settings.timeout.deeper") is None
    assert profiles.get("work").settings == {"utc": True}


@pytest.mark.parametrize("key", ["secret-key", "settings.secret-key", "profiles.work.secret"])
def test_a_secret_is_never_written_to_the_config_file(folder: Path, key: str) -> None:
    with pytest.raises(UsageError, match="cannot be stored in"):
        Profiles(folder).write_setting(key, "s3cr3t")
    assert not folder.exists()


def test_an_unknown_profile_is_answered_with_those_there_are(folder: Path) -> None:
    profiles = Profiles(folder)
    with pytest.raises(UsageError) as none:
        profiles.get("wrok")
    assert none.value.hint == "Profiles: sandbox. `hpcli auth login --profile NAME` creates one."
    profiles.save(Profile("work", "k"))
    for ask in (profiles.get, profiles.remove, profiles.set_default, profiles.device_key_serials):
        with pytest.raises(UsageError, match="no profile 'wrok'") as unknown:
            ask("wrok")
        assert "Did you mean 'work'? Profiles: work, sandbox." in str(unknown.value.hint)


@pytest.mark.parametrize("name", ["sandbox", "", "a b", "a:b", "a/b", "-a", ".a", "ä", "x" * 65, "a\n"])
def test_a_name_that_profiles_cannot_have_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(UsageError):
        Profiles(folder).save(Profile(name, "k"))
    assert not folder.exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[profiles\n", "line 1"),
        ("a = 1\nb = \n", "line 2"),
        (f"a = {'9' * 5000}\n", "4300 digits"),
        (f"a = {'[' * 5000}\n", "recursion"),
        ("profiles = 3\n", "profiles is not a table"),
        ("profiles.work = 3\n", "'work' is not a table"),
        ("[profiles.work]\n", "no app-key"),
        ("[profiles.work]\napp-key = 7\n", "no app-key"),
        ('[profiles.work]\napp-key = "k"\ncredentials = "plain"\n', "credentials"),
        ('[profiles.work]\napp-key = "k"\nbase-url = "http://example.org"\n', "example.org"),
    ],
)
def test_a_broken_config_file_is_named_with_the_place(folder: Path, text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told) as broken:
        write(folder, text).get("work")
    if "base-url" not in text:
        assert "config.toml" in broken.value.message


def test_a_broken_config_file_is_not_overwritten(folder: Path) -> None:
    profiles = write(folder, "[profiles\n")
    with pytest.raises(UsageError, match="line 1"):
        profiles.save(Profile("work", "k"))
    assert profiles.path.read_text() == "[profiles\n"
    assert sorted(path.name for path in folder.iterdir()) == [".config.lock", "config.toml"]


def test_a_config_folder_that_cannot_be_made_is_a_local_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LocalError, match="cannot be written"):
        Profiles(tmp_path / "file" / "config").save(Profile("work", "k"))


def test_a_linked_config_file_is_refused_and_its_target_stays(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "dotfiles.toml"
    target.write_text("# mine\n")
    folder.mkdir()
    (folder / "config.toml").symlink_to(target)
    with pytest.raises(LocalError, match="it is a link"):
        Profiles(folder).save(Profile("work", "k"))
    assert (folder / "config.toml").is_symlink()
    assert target.read_text() == "# mine\n"


def test_device_keys_are_listed_by_serial_and_outlive_a_new_login(folder: Path) -> None:
    profiles = Profiles(folder)
    profiles.save(Profile("work", "k"))
    assert profiles.device_key_serials("work") == ()
    for serial in ("Q2", "Q1", "Q2"):
        Profiles(folder).add_device_key_serial("work", serial)
    profiles = Profiles(folder)
    profiles.save(Profile("work", "other"))
    assert profiles.device_key_serials("work") == ("Q1", "Q2")
    profiles.remove_device_key_serial("work", "Q2")
    profiles.remove_device_key_serial("work", "Q9")
    assert Profiles(folder).device_key_serials("work") == ("Q1",)
    assert "device-keys" not in profiles.get("work").settings


_WRITER = """
import sys
from pathlib import Path
from hpcli.auth.profiles import Profiles
profiles = Profiles(Path(sys.argv[1]))
for number in range(10):
    profiles.add_device_key_serial("work", f"{sys.argv[2]}{number}")
"""


def test_processes_that_write_at_the_same_time_lose_nothing(folder: Path) -> None:
    Profiles(folder).save(Profile("work", "k"))
    writers = [subprocess.Popen([sys.executable, "-c", _WRITER, str(folder), letter]) for letter in "AB"]
    assert [writer.wait(120) for writer in writers] == [0, 0]
    assert Profiles(folder).device_key_serials("work") == tuple(f"{a}{n}" for a in "AB" for n in range(10))


def test_a_key_inside_a_git_work_tree_is_warned_of(tmp_path: Path) -> None:
    key = tmp_path / "repo" / "deep" / "config.toml"
    key.parent.mkdir(parents=True)
    assert git_work_tree_warning(key) is None
    (tmp_path / "repo" / ".git").write_text("gitdir: elsewhere")
    assert str(tmp_path / "repo") in (git_work_tree_warning(key) or "")


# Keys in files


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "config")


def test_a_secret_stays_in_the_file_until_it_is_deleted(store: FileStore) -> None:
    assert store.read("work:secret-key") is None
    store.write("work:secret-key", "first")
    store.write("work:secret-key", "s3cr3t")
    store.write("work:device-key:Q1", "other")
    assert FileStore(store.path.parent).read("work:secret-key") == "s3cr3t"
    assert [store.delete("work:secret-key") for _ in range(2)] == [True, False]
    assert store.read("work:secret-key") is None
    assert store.read("work:device-key:Q1") == "other"
    assert "s3cr3t" not in store.path.read_text()


def test_the_file_of_secrets_is_the_owners_alone(store: FileStore) -> None:
    before = os.umask(0)
    try:
        store.write("work:secret-key", Secret("s3cr3t"))
    finally:
        os.umask(before)
    assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in store.path.parent.iterdir()} == {0o600}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_file_of_secrets_that_others_can_read_is_not_used(store: FileStore, mode: int) -> None:
    store.write("work:secret-key", "s3cr3t")
    store.path.chmod(mode)
    for use in (store.read, store.delete, lambda entry: store.write(entry, "new")):
        with pytest.raises(LocalError, match="other users") as refused:
            use("work:secret-key")
        assert "chmod 600" in (refused.value.hint or "")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"a": 1}', '{"work:secret-key": "s3cr3t"'])
def test_a_damaged_file_of_secrets_is_named_without_its_content(store: FileStore, content: str) -> None:
    store.write("a", "b")
    store.path.write_text(content)
    with pytest.raises(UsageError) as damaged:
        store.read("work:secret-key")
    assert "credentials.json" in damaged.value.message
    assert "s3cr3t" not in str(damaged.value)
    assert damaged.value.__cause__ is None


def test_a_folder_for_secrets_that_cannot_be_made_is_a_local_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LocalError, match="cannot be written"):
        FileStore(tmp_path / "file" / "config").write("a", "b")


def private(path: Path, content: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


@pytest.mark.parametrize("content", [b"s3cr3t", b"s3cr3t\n", b"\xef\xbb\xbf s3cr3t \r\n\r\n"])
def test_a_secret_file_holds_one_line(tmp_path: Path, content: bytes) -> None:
    secret = read_secret_file(private(tmp_path / "key", content, 0o640))
    assert secret == "s3cr3t"
    assert "s3cr3t" not in repr(secret)


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"one\ntwo\n", b"s3cr3t\x00", b"s3cr3t\xff", b"s" * (1 << 21)]
)
def test_a_secret_file_without_one_line_of_text_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UsageError) as refused:
        read_secret_file(private(tmp_path / "key", content))
    assert "s3cr3t" not in str(refused.value)


def test_a_secret_file_that_everyone_can_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="other users"):
        read_secret_file(private(tmp_path / "key", b"s3cr3t", 0o644))


def test_a_secret_can_come_from_a_pipe() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"s3cr3t\n")
    os.close(writer)
    script = """
import sys
from pathlib import Path
from hpcli.auth.keys import read_secret_file
print(read_secret_file(Path(sys.argv[1])))
"""
    done = subprocess.run(
        [sys.executable, "-c", script, f"/dev/fd/{reader}"],
        pass_fds=[reader],
        capture_output=True,
        text=True,
        check=True,
    )
    os.close(reader)
    assert done.stdout == "s3cr3t\n"


@pytest.mark.parametrize("read", [read_secret_file, read_device_keys_file])
def test_a_key_file_that_is_not_there_is_named(tmp_path: Path, read: Callable[[Path], object]) -> None:
    with pytest.raises(UsageError, match="no file"):
        read(tmp_path / "nowhere")
    with pytest.raises(LocalError, match="cannot be read"):
        read(tmp_path)


def test_device_keys_are_read_by_serial(tmp_path: Path) -> None:
    content = b"# pictures\n\nQ12345678 ABCDEF\r\n  q2\tkey with # and blanks \nQ3 x\nQ3 x\n"
    keys = read_device_keys_file(private(tmp_path / "keys", content))
    assert keys == {"Q12345678": "ABCDEF", "q2": "key with # and blanks", "Q3": "x"}
    assert "ABCDEF" not in repr(keys)


@pytest.mark.parametrize(
    "line", [b"s3cr3t", b"Q1", b"Q123456789 s3cr3t", b"s3cr3t! Q1", b"Q1: s3cr3t", b"Q0 s3cr3t"]
)
def test_a_wrong_line_of_device_keys_is_told_by_number_without_its_content(
    tmp_path: Path, line: bytes
) -> None:
    with pytest.raises(UsageError, match="line 3") as wrong:
        read_device_keys_file(private(tmp_path / "keys", b"# mine\nQ0 abc\n" + line + b"\n"))
    assert "s3cr3t" not in str(wrong.value)
    assert "s3cr3t" not in (wrong.value.hint or "")


@pytest.mark.parametrize("mode", [0o604, 0o644])
def test_device_keys_that_others_can_read_are_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(LocalError, match="other users"):
        read_device_keys_file(private(tmp_path / "keys", b"Q1 abc\n", mode))


def test_device_keys_may_be_readable_for_the_group_as_credentials_of_systemd_are(tmp_path: Path) -> None:
    assert read_device_keys_file(private(tmp_path / "keys", b"Q1 abc\n", 0o440)) == {"Q1": "abc"}


def test_a_cached_token_is_found_without_loading_what_is_slow(tmp_path: Path) -> None:
    script = """
import sys
from pathlib import Path
from hpcli.auth import account, keyring_store, keys, profiles, tokens
from hpcli.client import call_limit
folder = Path(sys.argv[1])
profile = profiles.Profiles(folder).get("work")
cache = tokens.TokenCache(folder, account.Account(profile.base_url, profile.app_key).id)
keyring_store.KeyringStore().place, keys.FileStore(folder).read("x"), cache.load()
print(sorted({"keyring", "tomlkit", "filelock", "requests", "concurrent", "hypothesis"} & set(sys.modules)))
"""
    Profiles(tmp_path).save(Profile("work", "k"))
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
