"""The page of `hype_page` in a real browser: Debian's chromium and chromium-driver."""

import itertools
import json
import shutil

import numpy as np
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from keras_gans.metrics.human import human_error_rate, hype_page

pytestmark = pytest.mark.large  # Needs a browser.
OTHER = {"real": "generated", "generated": "real"}
SEEDS = itertools.count()  # Pages of other images keep nothing of each other's answers.


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    programs = [shutil.which(name) for name in ("chromium", "chromedriver")]
    assert all(programs), "This test needs: apt-get install chromium chromium-driver"
    downloads = tmp_path_factory.mktemp("downloads")
    options = webdriver.ChromeOptions()
    options.binary_location = programs[0]
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(word)
    options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(programs[1]))
    driver.downloads = downloads
    yield driver
    driver.quit()


@pytest.fixture
def page(browser, tmp_path):
    """Opens a new page of six images, the real ones dark; returns the browser."""

    def open_page(**options):
        random = np.random.default_rng(next(SEEDS))
        images = random.integers(128, size=(6, 8, 8, 1), dtype="uint8")
        hype_page(images[:3], images[3:] + 128, tmp_path / "hype.html", **options)
        browser.get((tmp_path / "hype.html").as_uri())
        return browser

    yield open_page
    assert browser.get_log("browser") == [], "no error, nothing refused, nothing loaded"


def press(browser, key):
    browser.switch_to.active_element.send_keys(key)


def click(browser, selector):
    browser.find_element(By.CSS_SELECTOR, selector).click()


def text(browser, element):
    return browser.find_element(By.ID, element).text


def truth(browser):
    """Returns what the image on the screen is, by its own pixels."""
    brightest = browser.execute_script("""
        const canvas = document.createElement("canvas");
        const picture = document.getElementById("picture");
        return picture.decode().then(() => {
            [canvas.width, canvas.height] = [picture.naturalWidth, picture.naturalHeight];
            const context = canvas.getContext("2d");
            context.drawImage(picture, 0, 0);
            return Math.max(...context.getImageData(0, 0, 8, 8).data.filter((_, i) => i % 4 < 3));
        });
    """)
    return "generated" if brightest > 127 else "real"


def test_a_person_answers(page):
    browser = page(title="Which <b>digits</b> are real?")
    assert text(browser, "intro").startswith("Which <b>digits</b> are real?\nYou will see 6 images")
    click(browser, "#start")

    expected = []

    def answer(word, by):
        expected.append((truth(browser), word))
        if by == "key":
            press(browser, Keys.ARROW_LEFT if word == "real" else Keys.ARROW_RIGHT)
        else:
            click(browser, f"[data-answer={word}]")

    assert text(browser, "place") == "Image 1 of 6"
    press(browser, Keys.BACKSPACE)  # Nothing to undo yet.
    answer("real", "key")
    answer("generated", "click")
    assert text(browser, "place") == "Image 3 of 6"
    assert "Image 2: generated. Now image 3 of 6." in browser.page_source
    press(browser, Keys.BACKSPACE)
    assert text(browser, "place") == "Image 2 of 6"
    expected.pop()
    answer("real", "click")
    answer(OTHER[truth(browser)], "key")

    stored = "return localStorage.getItem(store)"
    before = browser.execute_script(stored)
    browser.refresh()
    after = browser.execute_script(stored)
    assert text(browser, "start") == "Go on (3 of 6 answered)", (before, after)
    press(browser, Keys.ARROW_LEFT)  # Answers nothing here.
    click(browser, "#start")
    assert text(browser, "place") == "Image 4 of 6"
    assert browser.find_element(By.ID, "progress").get_property("value") == 3
    for by in ("click", "key", "click"):
        answer(truth(browser), by)

    assert "That was the last image" in text(browser, "done")
    click(browser, "#done .undo")
    assert text(browser, "place") == "Image 6 of 6"
    expected.pop()
    answer("generated", "key")
    click(browser, "#reveal")

    wrong = sum(is_ != said for is_, said in expected)
    headline = f"You were wrong on {100 * wrong / 6:.1f} % of the images".replace(".0 %", " %")
    assert text(browser, "headline") == headline

    click(browser, "#save")
    files = WebDriverWait(browser, 10).until(
        lambda _: [file for file in browser.downloads.glob("*.json") if file.stat().st_size]
    )
    saved = json.loads(files[0].read_text())
    assert [(a["truth"], a["answer"]) for a in saved["answers"]] == expected
    assert all(a["milliseconds"] >= 0 for a in saved["answers"])
    assert {saved["page"], saved["title"]} == {
        browser.execute_script("return page.id"),
        "Which <b>digits</b> are real?",
    }
    for kind, element in ((None, 0), ("generated", 1), ("real", 2)):
        rate, _, _ = human_error_rate(files[0], kind)
        cell = browser.find_elements(By.CSS_SELECTOR, ".rate")[element].text
        assert cell.startswith(f"{100 * rate:.1f} %".replace(".0 %", " %") + "\n")
    mistakes = browser.find_elements(By.CSS_SELECTOR, ".gallery img")
    assert len(mistakes) == wrong

    before = text(browser, "result")
    browser.refresh()
    assert text(browser, "result") == before
    press(browser, Keys.BACKSPACE)  # The truth is known now.
    assert text(browser, "result") == before
    click(browser, "#again")
    browser.switch_to.alert.accept()
    assert text(browser, "start") == "Start"


def test_the_page_and_python_agree(page, tmp_path):
    browser = page()
    random = np.random.default_rng(1)
    for count, error in ((100, 0.3), (40, 0.5), (10, 0.1)):
        answers = [
            {"truth": truth, "answer": OTHER[truth] if wrong else truth}
            for truth, wrong in zip(
                ["real", "generated"] * (count // 2), random.random(count) < error, strict=True
            )
        ]
        path = tmp_path / "answers.json"
        path.write_text(json.dumps({"page": "a", "started": "now", "answers": answers}))
        for kind in (None, "real", "generated"):
            theirs = browser.execute_script("return humanErrorRate(...arguments)", answers, kind)
            ours = human_error_rate(path, kind)
            assert theirs[0] == ours[0]
            one = 1 / (count if kind is None else count / 2)
            # A percentile of resamples may fall on the next whole number of errors.
            assert theirs[1:] == pytest.approx(ours[1:], abs=1.001 * one)


def test_images_are_shown_once_for_the_given_time(page):
    browser = page(seconds=0.2)
    assert "Each is visible for 0.2 s" in text(browser, "intro")

    def stage():
        return browser.find_element(By.ID, "stage").get_attribute("class")

    def wait_for(name):
        WebDriverWait(browser, 10, poll_frequency=0.02).until(lambda _: stage() == name)

    # Records every state, since the exposure is shorter than a look from here may take.
    browser.execute_script("""
        window.states = [];
        new MutationObserver(() => states.push(document.getElementById("stage").className))
            .observe(document.getElementById("stage"), { attributeFilter: ["class"] });
        document.getElementById("start").click();
        answer("real");
    """)
    assert text(browser, "place") == "Image 1 of 6", "no answer before the image"
    wait_for("mask")
    assert browser.execute_script("return states") == ["wait", "see", "mask"]
    picture, mask = (browser.find_element(By.ID, name) for name in ("picture", "mask"))
    assert mask.is_displayed()
    assert picture.value_of_css_property("visibility") == "hidden"
    assert mask.size == picture.size
    press(browser, Keys.ARROW_LEFT)
    wait_for("mask")
    press(browser, Keys.BACKSPACE)
    wait_for("mask")
    assert text(browser, "place") == "Image 1 of 6"
    assert browser.execute_script("return states").count("see") == 2, "undo shows nothing again"

    browser.refresh()
    click(browser, "#start")
    wait_for("mask")
    seen = "return [state.answers.length, state.exposed]"
    assert browser.execute_script(seen) == [0, 2], "nor does a reload"


def test_a_phone_shows_all_without_scrolling(page):
    browser = page()
    size = {"width": 390, "height": 664, "deviceScaleFactor": 3, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    click(browser, "#start")
    width, height = browser.execute_script("""
        const root = document.documentElement;
        return [root.scrollWidth, root.scrollHeight];
    """)
    button = browser.find_element(By.CSS_SELECTOR, "[data-answer=real]").rect
    finger = {"x": button["x"] + button["width"] / 2, "y": button["y"] + button["height"] / 2}
    for kind, points in (("touchStart", [finger]), ("touchEnd", [])):
        touch = {"type": kind, "touchPoints": points}
        browser.execute_cdp_cmd("Input.dispatchTouchEvent", touch)
    WebDriverWait(browser, 10).until(lambda _: text(browser, "place") == "Image 2 of 6")
    picture = browser.find_element(By.ID, "picture")
    scale = 3 * picture.size["width"] / 8
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert (width, height) == (390, 664)
    assert scale == round(scale) == 48
