from __future__ import annotations

from pathlib import Path

import pytest

from callaudit.errors import ExitCode, StorageError
from callaudit.storage import mounts
from callaudit.storage.mounts import network_type, network_type_in
from callaudit.storage.store import SqlStore, check_store
from tests.reports.origin_case import clean_call

TABLE = r"""
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
40 27 0:40 / /mnt/calls rw,relatime shared:1 master:2 - nfs4 nas:/calls rw,vers=4.2
41 40 254:1 / /mnt/calls/db rw,relatime - xfs /dev/vdb rw
42 27 0:41 / /mnt/two\040words\134here rw - cifs //nas/two rw
43 27 0:42 / /mnt/c rw,noatime - 9p C:\134 rw,aname=drvfs
44 27 0:43 / /home/me/far rw - fuse.sshfs me@far: rw
45 27 0:44 / /home/me/vault rw - fuse.gocryptfs /x rw
46 27 0:45 / /host rw - virtiofs host rw
47 27 0:46 / /over rw - nfs nas:/over rw
48 47 0:47 / /over rw - tmpfs none rw
49 27 0:48 / /auto rw - autofs systemd-1 rw
50 49 0:49 / /auto rw - nfs nas:/auto rw
not a mount
"""


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("/var/lib/callaudit.db", None),
        ("/mnt/calls/callaudit.db", "nfs4"),
        ("/mnt/calls2/callaudit.db", None),
        ("/mnt/calls/db/callaudit.db", None),
        ("/mnt/two words\\here/a.db", "cifs"),
        ("/mnt/c/a.db", "9p"),
        ("/home/me/far/a.db", "fuse.sshfs"),
        ("/home/me/vault/a.db", None),
        ("/host/a.db", None),
        ("/over/a.db", None),
        ("/auto/a.db", "nfs"),
    ],
)
def test_the_innermost_mount_tells_whether_a_file_is_on_the_network(file: str, kind: str | None) -> None:
    assert network_type_in(TABLE, Path(file)) == kind


@pytest.mark.parametrize(("root", "kind"), [("9p", None), ("overlay", None), ("nfs", "nfs"), ("ext4", None)])
def test_the_root_of_a_sandbox_is_its_own(root: str, kind: str | None) -> None:
    assert network_type_in(f"27 1 0:1 / / rw - {root} none rw\n", Path("/data/a.db")) == kind


def test_an_empty_table_tells_nothing() -> None:
    assert network_type_in("", Path("/a.db")) is None


def test_a_system_without_such_a_table_is_not_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mounts, "MOUNTS", tmp_path / "none")
    assert network_type(tmp_path / "a.db") is None


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is said to lie on a network file system; a database from elsewhere lies in it."""
    folder = tmp_path / "网络 盘"
    folder.mkdir()
    with SqlStore(f"sqlite:///{folder}/old.db") as store:
        store.save(clean_call())
    table = tmp_path / "mountinfo"
    told = str(folder).replace(" ", "\\040")
    table.write_text(f"1 0 0:1 / / rw - ext4 /dev/vda rw\n2 1 0:2 / {told} rw - nfs4 nas:/calls rw\n", encoding="utf-8")
    monkeypatch.setattr(mounts, "MOUNTS", table)
    return folder


@pytest.mark.parametrize("open_", [SqlStore, check_store])
@pytest.mark.parametrize("name", ["new.db", "old.db"])
def test_a_database_on_the_network_is_refused_with_the_reason(network: Path, open_: type, name: str) -> None:
    before = sorted(network.iterdir())
    with pytest.raises(StorageError, match=r"nfs4.*only one machine") as caught:
        open_(f"sqlite:///{network}/{name}")
    assert caught.value.code == "storage.network"
    assert caught.value.exit_code is ExitCode.STORAGE
    assert "PostgreSQL" in caught.value.hint
    assert sorted(network.iterdir()) == before


def test_a_link_to_the_network_leads_there(network: Path, tmp_path: Path) -> None:
    (tmp_path / "near.db").symlink_to(network / "old.db")
    with pytest.raises(StorageError, match="nfs4"):
        SqlStore(f"sqlite:///{tmp_path}/near.db")


def test_a_database_on_the_network_can_be_read_without_a_trace(network: Path) -> None:
    with SqlStore(f"sqlite:///{network}/old.db", to_read=True) as store:
        assert list(store.outcomes()) == [clean_call()]
        assert [file.name for file in network.iterdir()] == ["old.db"]


def test_a_database_beside_the_network_is_not_refused(network: Path, tmp_path: Path) -> None:
    SqlStore(f"sqlite:///{tmp_path}/near.db").close()
