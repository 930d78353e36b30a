import pytest, time
from services.common import clock
@pytest.mark.parametrize("n", range(2))
def test_x(reminders, consultation, carrier, sites, n):
    assert sites["reminders"].client().get("/readyz").status_code == 200
    with reminders.database.begin() as s: clock.now(s)
