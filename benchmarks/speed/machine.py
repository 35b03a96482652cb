"""What the numbers were measured on: said so that they can be compared, and so that nobody's machine has a name."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from threadpoolctl import threadpool_info

CACHES = Path("/sys/devices/system/cpu/cpu0/cache")
PROCESSORS = Path("/proc/cpuinfo")


def machine() -> dict[str, str]:
    """Processor, cores, caches, memory, system, Python and NumPy's BLAS."""
    import numpy  # noqa: F401  brings the BLAS that is asked about

    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    found = {
        "processor": _processor(),
        "cores": str(affinity),
        "caches": _caches(),
        "memory": _memory(),
        "system": f"{platform.system()}, {platform.machine()}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "BLAS of NumPy": _blas(),
    }
    return {name: value for name, value in found.items() if value}


def _processor() -> str:
    if not PROCESSORS.is_file():
        return platform.processor()
    pairs = (line.partition(":") for line in PROCESSORS.read_text().splitlines())
    said = {name.strip(): value.strip() for name, _, value in pairs}
    vectors = [name for name in ("avx2", "avx512f", "asimd", "sve") if name in said.get("flags", "").split()]
    model = said.get("model name", platform.machine())
    family = f"family {said['cpu family']}, model {said['model']}" if "cpu family" in said else ""
    return "; ".join(filter(None, [model, family, " ".join(vectors)]))


def _caches() -> str:
    if not CACHES.is_dir():
        return ""
    said = []
    for index in sorted(CACHES.glob("index*")):
        level, kind, size = ((index / name).read_text().strip() for name in ("level", "type", "size"))
        if kind != "Instruction":
            said.append(f"L{level} {size}")
    return ", ".join(said)


def _memory() -> str:
    try:
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.0f} GB"
    except (AttributeError, OSError, ValueError):
        return ""


def _blas() -> str:
    for pool in threadpool_info():
        if pool["user_api"] == "blas":
            return f"{pool['internal_api']} {pool['version']}, {pool.get('architecture', '')}"
    return ""
