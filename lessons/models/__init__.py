from lessons.models.children import (
    ArtefactTemplate,
    GroupMeeting,
    LessonExercise,
    LessonPrompt,
    ProgrammeExercise,
    ProgrammePrompt,
    SurveyTemplate,
    Workshop,
)
from lessons.models.pages import Authored, LessonPage, ModulePage, ProgrammePage, TrackPage
from lessons.models.picture import Picture, PictureRendition
from lessons.models.version import ProgrammeVersion, VersionImage

__all__ = [
    "ArtefactTemplate",
    "Authored",
    "GroupMeeting",
    "LessonExercise",
    "LessonPage",
    "LessonPrompt",
    "ModulePage",
    "Picture",
    "PictureRendition",
    "ProgrammeExercise",
    "ProgrammePage",
    "ProgrammePrompt",
    "ProgrammeVersion",
    "SurveyTemplate",
    "TrackPage",
    "VersionImage",
    "Workshop",
]
