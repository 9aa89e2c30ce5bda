from __future__ import annotations

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from huichang.kernel.operations import OperationRefused


class RowForm(forms.ModelForm):  # type: ignore[type-arg]  # a parameter the stubs have and Django has not
    """A row's form that leaves the rules between its columns to the operation.

    Django would check the table's constraints itself and name them as the database does; the operation refuses in
    words, at the field.
    """

    def _update_errors(self, errors: ValidationError) -> None:
        of_fields = {name: found for name, found in errors.error_dict.items() if name != NON_FIELD_ERRORS}
        if of_fields:
            super()._update_errors(ValidationError(of_fields))  # type: ignore[misc]  # Django's, unknown to the stubs


def add_refusal(form: forms.BaseForm, refusal: OperationRefused) -> None:
    """Show a refused operation at the field it names, or above the form."""
    field = refusal.field if refusal.field in form.fields else None
    form.add_error(field, str(refusal))
