"""What is wrong with a network, its training or its columns: named, with the layer, the numbers and what to change.

Conventions
-----------
* Silence is better than a false alarm: every threshold leaves healthy trainings of all samples alone.
* A diagnosis has numbers, and a remedy is a setting with a value.
* Symptoms decide, not causes: a learning rate is too large where the loss says so, whatever its size.

Read `diagnosis` (what is said), `patient` (what is examined), then the conditions: `units`, `gradients`, `learning`,
`answers`, `inputs`; `examination` looks for all of them, and `attendance` is there while a network trains.
"""

from gradatim.glass.doctor.attendance import Doctor
from gradatim.glass.doctor.diagnosis import Diagnosis, Findings
from gradatim.glass.doctor.examination import CONDITIONS, Condition, examine
from gradatim.glass.doctor.patient import Course

__all__ = ["CONDITIONS", "Condition", "Course", "Diagnosis", "Doctor", "Findings", "examine"]
