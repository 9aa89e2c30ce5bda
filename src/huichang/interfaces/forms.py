from __future__ import annotations

from django import forms

from huichang.kernel.operations import OperationRefused


def add_refusal(form: forms.BaseForm, refusal: OperationRefused) -> None:
    """Show a refused operation at the field it names, or above the form."""
    field = refusal.field if refusal.field in form.fields else None
    form.add_error(field, str(refusal))
