"""Which file systems a SQLite database must not be written on."""

from __future__ import annotations

import os
import re
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
"""Where Linux lists what is mounted; other systems are not checked."""

_LISTED = """
nfs nfs4 cifs smb3 smbfs ncpfs afs coda ceph glusterfs lustre gpfs beegfs pvfs2 orangefs ocfs2 gfs2 davfs
fuse.sshfs fuse.glusterfs fuse.ceph fuse.ceph-fuse fuse.curlftpfs fuse.davfs fuse.davfs2 fuse.smbnetfs
fuse.s3fs fuse.goofys fuse.gcsfuse fuse.mount-s3 fuse.blobfuse fuse.blobfuse2 fuse.rclone fuse.juicefs
fuse.mfs fuse.lizardfs fuse.seaweedfs fuse.gvfsd-fuse
9p vboxsf vmhgfs fuse.vmhgfs-fuse prl_fs
"""

NETWORK_TYPES = frozenset(_LISTED.split())
"""File systems whose files programs on several machines may have open.

Write-ahead logging needs memory that all users of a database share, and locks that all of them see. Here neither is
certain: some offer both to programs of one machine, but nothing tells that no second machine uses the database. The
last line are folders that a virtual machine shares with its host: 9p and its like keep no shared memory coherent, and
WSL mounts the drives of Windows with it.

Not among them: overlay and tmpfs, the roots of containers, which belong to one kernel; virtiofs, which maps memory and
passes locks on, and is the disk of many virtual machines; fuse in general, most of which is local (NTFS, encrypted
folders).
"""

_EXEMPT_AT_ROOT = frozenset({"9p"})
"""Sandboxes such as gVisor show their own root as 9p: nobody else has it, and there is no other place."""


def network_type(file: Path) -> str | None:
    """The type of the network file system a file lies on, or would; None where it is local, or nobody can tell."""
    try:
        mounts = os.fsdecode(MOUNTS.read_bytes())
    except OSError:
        return None
    return network_type_in(mounts, file.absolute())


def network_type_in(mounts: str, file: Path) -> str | None:
    """The same, from the text of a mount table.

    Args:
        mounts: contents of `/proc/self/mountinfo`.
        file: absolute path without symbolic links.
    """
    root, kind = Path("/"), ""
    for line in mounts.splitlines():
        place, _, described = line.partition(" - ")
        fields = place.split(" ")
        if len(fields) < 5 or not described:
            continue
        folder = Path(_unescaped(fields[4]))
        # The longest wins, and of two at one place the later, which lies on top.
        if file.is_relative_to(folder) and len(folder.parts) >= len(root.parts):
            root, kind = folder, described.split(" ")[0]
    exempt = kind in _EXEMPT_AT_ROOT and root == Path("/")
    return kind if kind in NETWORK_TYPES and not exempt else None


def _unescaped(field: str) -> str:
    """A field of the mount table with its blanks, tabs, line ends and backslashes."""
    return re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), field)
