from dataclasses import dataclass
@dataclass(frozen=True)
class Fired:
    rule: str
    reason: str
