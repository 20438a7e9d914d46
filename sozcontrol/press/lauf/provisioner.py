"""How Jupyter comes to a forked kernel.

It chooses how a kernel comes into being by its *provisioner*: ours is named in the kernelspec the
press makes in memory, so that papermill and every notebook stay as they are and other programs
never meet it.
"""

from __future__ import annotations

import subprocess
from importlib.metadata import EntryPoint
from typing import IO, TYPE_CHECKING, Protocol, cast

from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner
from typing_extensions import TypedDict

from sozcontrol.press.lauf.warm import PROVISIONER, Warm
from sozcontrol.press.lauf.zygote import Order

if TYPE_CHECKING:
    from jupyter_client.connect import KernelConnectionInfo

LAUNCHER = "ipykernel_launcher"
"""In a command ``… python -m ipykernel_launcher …``, after it the kernel's own arguments begin."""


def metadata() -> dict[str, object]:
    """Return what a kernelspec says to have its kernels forked."""
    known = KernelProvisionerFactory.instance().provisioners
    value = f"{__name__}:{WarmProvisioner.__name__}"
    known[PROVISIONER] = EntryPoint(PROVISIONER, value, KernelProvisionerFactory.GROUP_NAME)
    return {"kernel_provisioner": {"provisioner_name": PROVISIONER}}


class _Started(TypedDict):
    """What the press gives a kernel to start with, as :class:`subprocess.Popen` has it."""

    env: dict[str, str]
    cwd: str
    stdout: IO[bytes]
    stderr: IO[bytes]


class _Manager(Protocol):
    warm: Warm


class WarmProvisioner(LocalProvisioner):
    """Forks a kernel from what its manager holds as ``warm``, and starts it if that fails."""

    async def launch_kernel(self, cmd: list[str], **given: object) -> KernelConnectionInfo:
        """See :class:`LocalProvisioner`."""
        started = cast("_Started", given)
        output = started["stdout"].fileno(), started["stderr"].fileno()
        own = cmd[cmd.index(LAUNCHER) + 1 :]
        order = Order(own, started["env"], started["cwd"], output)
        try:
            kernel = cast("_Manager", self.parent).warm.fork(order)
        except OSError:
            return await super().launch_kernel(cmd, **given)
        # The child heads a group from the start; to ask the system now could name the parent's.
        self.pid = self.pgid = kernel.pid
        self.process = cast("subprocess.Popen[bytes]", kernel)
        self.cwd = started["cwd"]
        return self.connection_info
