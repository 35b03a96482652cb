"""What can be set before a training, what the presets decide, and the one place where both are checked.

Read `settings`, then `options` and `presets`; `checks` says what is allowed.
"""

from gradatim.settings.options import DescentOptions, NetworkOptions
from gradatim.settings.presets import PRESETS, VALIDATION_SHARE, Task, preset_for
from gradatim.settings.settings import Settings, seed_of

__all__ = [
    "PRESETS",
    "VALIDATION_SHARE",
    "DescentOptions",
    "NetworkOptions",
    "Settings",
    "Task",
    "preset_for",
    "seed_of",
]
