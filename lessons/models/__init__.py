from lessons.models.version import ProgrammeVersion

__all__ = ["ProgrammeVersion"]
