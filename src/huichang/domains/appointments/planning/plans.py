"""The shapes of planning: who asks, the groups of jobs, a plan, and what stands against one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from huichang.domains.appointments.models import BookingBand, Equipment, JobLimit
from huichang.domains.appointments.planning.facts import Job
from huichang.domains.appointments.planning.taken import Span
from huichang.domains.catalog.models import Bay, StaffMember


@dataclass(frozen=True, slots=True)
class Group:
    """Jobs done in one block: by one person who holds `skills`, in a bay that fits them all."""

    skills: frozenset[str]
    hours: float
    jobs: tuple[Job, ...]
    technicians: tuple[StaffMember, ...]
    bays: tuple[Bay, ...]
    kinds: tuple[str, ...] = ()  # of equipment

    @property
    def label(self) -> str:
        return "、".join(dict.fromkeys(job.skill for job in self.jobs))


@dataclass(frozen=True, slots=True)
class PlannedBlock:
    """A bay and a technician from `start` to `end` (minutes of the facts) for `group`."""

    group: Group
    bay: Bay
    technician: StaffMember
    start: int
    end: int
    purpose: str = ""  # the part of the reserve its hours come from
    equipment: tuple[Equipment, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """Who asks for a slot, and how. `advisor_id`, `bay_id` and `technician_id` insist on one; `ready` is the first
    day on which the parts are there; `purpose` names the seat of the reserve a walk-in may take; `walks_in` asks for
    no notice; `override` leaves out everything that is only counted, never what is physically taken.
    """

    priority: str = ""
    first_service: bool = False
    channel: str = "desk"
    waits: bool = False
    ready: date | None = None
    advisor_id: int | None = None
    bay_id: int | None = None
    technician_id: int | None = None
    purpose: str = ""
    walks_in: bool = False
    override: bool = False


ORDINARY = Ask()


@dataclass(frozen=True, slots=True)
class Plan:
    """How a slot would be kept. `advisor` is None only at a store without advisors."""

    start: int
    arrive: int
    reception: Span
    advisor: StaffMember | None
    blocks: tuple[PlannedBlock, ...]

    @property
    def end(self) -> int:
        return self.blocks[-1].end


@dataclass(slots=True)
class Obstacles:
    """What stands against a start; empty when it can be kept. Filled by `planning.obstacles`."""

    closed: str = ""
    past: bool = False
    notice: bool = False
    beyond: bool = False
    overruns: bool = False
    peak: BookingBand | None = None
    hours: tuple[str, float, float] | None = None  # skill, hours that may be booked, hours booked
    bay: Group | None = None
    technician: Group | None = None
    equipment: str = ""
    advisor: bool = False
    parts: bool = False
    kind_limit: JobLimit | None = None
    arrivals: bool = False
    waiters: bool = False
    is_online: bool = False  # the hours are those of the online quota
    span: Span = field(default=(0, 0))
