from __future__ import annotations

import secrets
from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from huichang.domains.accounts.models import Level, Role, User
from huichang.domains.accounts.permissions import P as AccountsP
from huichang.domains.dealers.models import Dealer, Region
from huichang.domains.dealers.reach import may_hand_out
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.people import directory

# Django's fields take type parameters only in the stubs.
if TYPE_CHECKING:
    RoleField = forms.ModelChoiceField[Role]
    PersonField = forms.ModelChoiceField[User]
else:
    RoleField = PersonField = forms.ModelChoiceField

# Without letters and digits that look alike when read out.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def passing_password() -> str:
    """A password to tell a colleague: three groups of four, read out easily, used once."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))


def _day_field(label: Any, **kwargs: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), **kwargs)


class RoleChoice(RoleField):
    def label_from_instance(self, obj: Role) -> str:
        return directory.role_name(obj, get_language() or "")


class PersonChoice(PersonField):
    def label_from_instance(self, obj: User) -> str:
        return f"{obj.name} ({obj.username})"


class PostForm(forms.Form):
    """A role at a place from a day on. At a store the place is the store; above, a store, region or all."""

    place = forms.ChoiceField(label=gettext_lazy("地点"))
    role = RoleChoice(label=gettext_lazy("岗位"), queryset=Role.objects.none())
    start_date = _day_field(gettext_lazy("开始"))

    def __init__(self, data: Any = None, *, request: StaffRequest, today: date, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"start_date": today})
        super().__init__(data, **kwargs)
        self.request = request
        self.fields["role"].queryset = self._roles()  # type: ignore[attr-defined]  # a ModelChoiceField
        if request.store is not None:
            del self.fields["place"]
        else:
            self.fields["place"].choices = self._places()  # type: ignore[attr-defined]  # a ChoiceField

    def _roles(self) -> Any:
        """What the person may hand out; the operation asks again."""
        roles = Role.objects.filter(is_active=True).order_by("pk")
        if self.request.store is not None:
            roles = roles.filter(level=Level.DEALER)
        actor = self.request.actor
        appoints = actor.can(AccountsP.APPOINT)  # appointing oneself is refused by the operation
        allowed = [
            role.pk
            for role in roles
            if may_hand_out(actor, role.permissions) or (appoints and role.level == Level.DEALER)
        ]
        return roles.filter(pk__in=allowed)

    def _places(self) -> list[tuple[str, Any]]:
        stores = Dealer.objects.filter(pk__in=self.request.actor.dealer_ids).order_by("code")
        regions = Region.objects.filter(dealers__in=self.request.actor.dealer_ids).distinct().order_by("code")
        above = [(f"region:{region.pk}", region.name) for region in regions]
        if directory.sees_network(self.request):
            above.insert(0, ("maker", _("主机厂")))
        return [
            (_("门店"), [(f"dealer:{store.pk}", f"{store.code} {store.name}") for store in stores]),
            (_("大区和主机厂"), above),
        ]

    def place_chosen(self) -> tuple[Dealer | None, Region | None]:
        """The store, or the region, or neither: the manufacturer."""
        if self.request.store is not None:
            return self.request.store, None
        kind, _colon, pk = self.cleaned_data["place"].partition(":")
        if kind == "dealer":
            return Dealer.objects.get(pk=pk), None
        return None, Region.objects.get(pk=pk) if kind == "region" else None


class NewPersonForm(PostForm):
    """A person who signs in for the first time, with the first post."""

    name = forms.CharField(label=gettext_lazy("姓名"), max_length=40)
    username = forms.CharField(
        label=gettext_lazy("登录名"),
        max_length=40,
        help_text=gettext_lazy("小写字母和数字,例如姓名拼音。定了就不再改。"),
    )
    mobile = forms.CharField(label=gettext_lazy("手机"), max_length=20, required=False)
    password = forms.CharField(
        label=gettext_lazy("临时密码"),
        help_text=gettext_lazy("当面告诉本人。第一次登录时必须换成自己的。"),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    field_order = ("name", "username", "mobile", "place", "role", "start_date", "password")

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        kwargs["initial"] = {"start_date": today, "password": passing_password()}
        super().__init__(*args, today=today, **kwargs)


class JoinForm(PostForm):
    """A person who already signs in elsewhere in the network gets a post here."""

    username = forms.CharField(label=gettext_lazy("登录名"), max_length=40)
    name = forms.CharField(label=gettext_lazy("姓名"), max_length=40)
    field_order = ("username", "name", "place", "role", "start_date")

    def _places(self) -> list[tuple[str, Any]]:
        return super()._places()[:1]  # posts above the stores are given on the person's page


class PasswordForm(forms.Form):
    password = forms.CharField(
        label=gettext_lazy("新的临时密码"),
        help_text=gettext_lazy("换上以后当面告诉本人。下次登录时必须换成自己的;动态口令要重新设置。"),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )


class DelegationForm(forms.Form):
    """Who stands in for whom. On the form the last day counts; in the records ends are exclusive."""

    giver = PersonChoice(label=gettext_lazy("谁的职责"), queryset=User.objects.none())
    substitute = PersonChoice(label=gettext_lazy("由谁代理"), queryset=User.objects.none())
    start_date = _day_field(gettext_lazy("第一天"))
    last_date = _day_field(gettext_lazy("最后一天"))
    reason = forms.CharField(
        label=gettext_lazy("原因"), max_length=100, help_text=gettext_lazy("例如:休假、离职交接、培训。")
    )

    def __init__(self, data: Any = None, *, today: date, **kwargs: Any) -> None:
        super().__init__(data, initial={"start_date": today, "last_date": today}, **kwargs)
        for name in ("giver", "substitute"):
            self.fields[name].queryset = directory.colleagues(today)  # type: ignore[attr-defined]  # ModelChoiceField


class RoleForm(forms.Form):
    """What a role may do."""

    permissions = forms.MultipleChoiceField(required=False)
    requires_totp = forms.BooleanField(label=gettext_lazy("必须使用动态口令"), required=False)

    def __init__(self, data: Any = None, *, known: list[str], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["permissions"].choices = [(name, name) for name in known]  # type: ignore[attr-defined]  # MultipleChoiceField
