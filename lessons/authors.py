"""Who may write: the group Authors, and the facilitators in it (ARCHITECTURE: a person is not a role)."""

from django.contrib.auth.models import Group, Permission
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page

from courseplatform.people.models import RoleAssignment, User

GROUP = "Forfattere"
PAGE_PERMISSIONS = ("add_page", "change_page", "publish_page", "lock_page", "unlock_page")
PICTURE_PERMISSIONS = ("add_image", "change_image", "choose_image")  # Wagtail asks for these whatever the model


def authors() -> Group:
    """The group that may open the editor, write and publish pages, and add pictures. Safe to repeat."""
    group, _made = Group.objects.get_or_create(name=GROUP)
    group.permissions.add(Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin"))
    for permission in Permission.objects.filter(content_type__app_label="wagtailcore", codename__in=PAGE_PERMISSIONS):
        root = Page.get_first_root_node()
        GroupPagePermission.objects.get_or_create(group=group, page=root, permission=permission)
    for permission in Permission.objects.filter(
        content_type__app_label="wagtailimages", codename__in=PICTURE_PERMISSIONS
    ):
        collection = Collection.get_first_root_node()
        GroupCollectionPermission.objects.get_or_create(group=group, collection=collection, permission=permission)
    return group


def let_write(person: User) -> None:
    """Gives the person the editor."""
    person.groups.add(authors())


def stop_writing(person: User) -> None:
    """Takes the editor away."""
    person.groups.remove(*Group.objects.filter(name=GROUP))


def follow_roles(person: User) -> None:
    """Facilitators write; whoever no longer is one does not."""
    is_facilitator = person.role_assignments.filter(kind=RoleAssignment.Kind.FACILITATOR).exists()
    (let_write if is_facilitator else stop_writing)(person)
