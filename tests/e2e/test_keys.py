"""The desk with no mouse: every key does what the page that ``?`` opens says of it, down to a bulk dispatch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e import browser
from tests.e2e.browser import DESK, Demo, Visitor

pytestmark = [pytest.mark.skipif(bool(browser.missing()), reason=browser.missing()), pytest.mark.system("P3")]

# In one look: the row one stands on, and the rows that are selected.
STANDS = "[...document.querySelectorAll('tr[data-row]')].findIndex(row => row.hasAttribute('data-at'))"
PICKED = "[...document.querySelectorAll('tr[data-row]:has(input:checked)')].map(row => row.dataset.number)"
FOCUSED = "document.activeElement.innerText.trim()"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with browser.demo("qiaoxi", tmp_path_factory.mktemp("keys")) as demo:
        yield demo


@pytest.fixture(scope="module")
def community(served: Demo) -> Iterator[Visitor]:
    with browser.chromium() as chrome, browser.visitor(chrome, served.url, DESK, "community", "/desk/") as visitor:
        yield visitor


@pytest.fixture(autouse=True)
def _fresh(community: Visitor) -> Iterator[None]:
    community.page.goto("/desk/?tab=all")
    community.page.wait_for_load_state("networkidle")
    yield
    assert community.troubles == []


def press(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_j_and_k_move_x_selects_and_the_ends_hold(community: Visitor) -> None:
    page = community.page
    press(page, "k")
    assert page.evaluate(STANDS) == 0
    press(page, "j", "j", "x")
    assert page.evaluate(STANDS) == 2
    assert len(page.evaluate(PICKED)) == 1
    assert "选了 1 件" in page.locator("[data-bulk]").inner_text()
    press(page, "k", "x")
    assert len(page.evaluate(PICKED)) == 2
    press(page, "x")
    assert len(page.evaluate(PICKED)) == 1
    last = page.locator("tr[data-row]").count() - 1
    press(page, *"j" * (last + 3))
    assert page.evaluate(STANDS) == last


def test_enter_opens_beside_the_list_a_takes_the_first_step_and_escape_lets_go(community: Visitor) -> None:
    page = community.page
    page.goto("/desk/?tab=accept")
    press(page, "j", "Enter")
    page.locator("#side [data-key=a]").wait_for()
    number = page.locator("#side header[data-open]").get_attribute("data-open")
    assert number == page.locator("tr[data-row]").first.get_attribute("data-number")
    press(page, "Escape")
    page.wait_for_function("!document.querySelector('#side [data-open]')")
    assert page.evaluate(STANDS) == 0  # the list stands as it stood
    press(page, "Enter")
    page.locator("#side [data-key=a]").wait_for()
    label = page.locator("#side [data-key=a]").inner_text()
    press(page, "a")
    # A step that asks opens its dialog, one that does not is done: either way something of this matter happened.
    page.wait_for_function(
        "label => document.querySelector('dialog[open]') || !document.querySelector('#side [data-key=a]')"
        " || document.querySelector('#side [data-key=a]').innerText !== label",
        arg=label,
    )


def test_slash_searches_and_a_letter_typed_there_is_a_letter(community: Visitor) -> None:
    page = community.page
    press(page, "/", "j", "x", "b")
    assert page.locator("input[type=search]").first.input_value() == "jxb"
    assert page.evaluate(STANDS) == -1


def test_the_help_names_every_key_and_closes_again(community: Visitor) -> None:
    page = community.page
    press(page, "?")
    named = page.locator("dialog#keys[open] kbd").all_inner_texts()
    assert named == ["J", "K", "Enter", "X", "B", "A", "/", "Esc", "?"]
    press(page, "Escape")
    assert not page.locator("dialog#keys[open]").count()


def test_two_matters_are_dispatched_together_by_keys_alone_after_a_preview(community: Visitor) -> None:
    page = community.page
    page.goto("/desk/?tab=all&state=open")
    press(page, "j", "x", "j", "x")
    picked = page.evaluate(PICKED)
    assert len(picked) == 2
    press(page, "b")
    assert page.evaluate(FOCUSED) == "派给…"
    press(page, "Enter")
    page.get_by_role("heading", name="这 2 件派给谁？").wait_for()
    page.locator("input[name=to]").first.focus()
    press(page, "Space", "Enter")
    page.get_by_text("派之前看一遍").or_(page.get_by_role("heading", level=3)).first.wait_for()
    told = community.text()
    assert all(number in told for number in picked)  # those that go and those that stay, each by its number
    page.locator("main .btn.primary").focus()
    press(page, "Enter")
    page.wait_for_url("**/desk/?**")
    page.locator("[role=status]").first.wait_for()
    page.goto("/desk/?tab=all&state=open")
    left = page.evaluate("[...document.querySelectorAll('tr[data-row]')].map(row => row.dataset.number)")
    assert not set(picked) & set(left)


def test_two_matters_are_taken_on_together(community: Visitor) -> None:
    page = community.page
    page.goto("/desk/?tab=accept")
    press(page, "j", "x")
    press(page, "b", "Tab")
    assert page.evaluate(FOCUSED) == "接单…"
    press(page, "Enter")
    page.get_by_role("heading", level=1).wait_for()
    assert "/desk/bulk/accept/" in page.url
