"""What can be set before a training, what the presets decide, and the one place where both are checked.

Read `settings`, then `presets`; `checks` says what is allowed.
"""

from gradatim.settings.presets import PRESETS, VALIDATION_SHARE, Task
from gradatim.settings.settings import NetworkOptions, Settings, seed_of

__all__ = ["PRESETS", "VALIDATION_SHARE", "NetworkOptions", "Settings", "Task", "seed_of"]
