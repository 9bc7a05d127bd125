import pytest
from live import options


@pytest.mark.parametrize("url", ["https://user:hunter2@h:9200", "user:hunter2@h"])
def test_a_password_in_a_url_is_refused_and_not_shown(url, capsys):
    with pytest.raises(SystemExit) as ended:
        options.parse(["--opensearch", url])
    message = capsys.readouterr().err
    assert ended.value.code == 2 and "hunter2" not in message and "--opensearch" in message
