from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class StoreForm(forms.Form):
    name = forms.CharField(label=_("名称"), max_length=60)
    city = forms.CharField(label=_("城市"), max_length=40, required=False)
    address = forms.CharField(label=_("地址"), max_length=120, required=False)
    phone = forms.CharField(label=_("电话"), max_length=30, required=False)
