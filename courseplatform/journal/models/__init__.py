from courseplatform.journal.models.reflection import Reflection, ReflectionRevision

__all__ = ["Reflection", "ReflectionRevision"]
