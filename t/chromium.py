"""chromium - a page in headless Chromium, by the DevTools protocol over a pipe

    with Chromium() as browser:
        page = browser.open("file:///tmp/x.svg#s=a")
        page.eval("document.title")
        page.key("Escape"); page.click(10, 20); page.type("abc")
        page.complaints     # of the console, exceptions, dialogs
"""
import json
import os
import shutil
import subprocess
import tempfile


def find():
    for name in ("chromium", "chromium-browser", "google-chrome", "chrome"):
        if shutil.which(name):
            return name
    return None


class Chromium:
    def __enter__(self):
        self.folder = tempfile.mkdtemp()
        commands, self.to = os.pipe()
        self.answers, answers = os.pipe()

        def descriptors():      # Chromium reads from 3 and writes to 4
            spare = os.dup(commands), os.dup(answers)
            os.dup2(spare[0], 3)
            os.dup2(spare[1], 4)
        argv = [find(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe",
                "--no-first-run", "--user-data-dir=" + self.folder, "--window-size=1200,900", "--hide-scrollbars", "about:blank"]
        self.run = subprocess.Popen(argv, preexec_fn=descriptors, close_fds=False, stdin=subprocess.DEVNULL,
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(commands)
        os.close(answers)
        self.read, self.number, self.pages = b"", 0, {}
        return self

    def __exit__(self, *_):
        self.run.kill()
        self.run.wait()
        os.close(self.to)
        os.close(self.answers)
        shutil.rmtree(self.folder, True)

    def message(self):
        while b"\0" not in self.read:
            more = os.read(self.answers, 1 << 20)
            if not more:
                raise EOFError("Chromium has gone")
            self.read += more
        text, self.read = self.read.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, session=None, **params):
        """the answer; what happens meanwhile is noted"""
        self.number += 1
        call = {"id": self.number, "method": method, "params": params}
        if session:
            call["sessionId"] = session
        data = json.dumps(call).encode() + b"\0"
        while data:
            data = data[os.write(self.to, data):]
        while True:
            m = self.message()
            if m.get("id") == self.number:
                if "error" in m:
                    raise RuntimeError("%s: %s" % (method, m["error"]))
                return m["result"]
            if m.get("sessionId") in self.pages:
                self.pages[m["sessionId"]].note(m)

    def open(self, url, width=1200, height=900):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = self.pages[session] = Page(self, session)
        for domain in ("Page", "Runtime", "Log"):
            page.call(domain + ".enable")
        page.size(width, height)
        page.call("Page.navigate", url=url)
        while not page.loaded:
            page.note(self.message())
        page.settle()
        return page


class Page:
    def __init__(self, browser, session):
        self.browser, self.session, self.complaints, self.loaded = browser, session, [], False

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def note(self, m):
        method, params = m.get("method"), m.get("params")
        if method == "Page.loadEventFired":
            self.loaded = True
        if method in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded", "Page.javascriptDialogOpening"):
            self.complaints.append("%s %s" % (method, json.dumps(params)[:300]))

    def eval(self, text):
        r = self.call("Runtime.evaluate", expression=text, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in r:
            raise RuntimeError(json.dumps(r["exceptionDetails"])[:500])
        return r["result"].get("value")

    def settle(self):
        """two frames later"""
        self.eval("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def size(self, width, height):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def move(self, x, y):
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def click(self, x, y):
        self.move(x, y)
        for what in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=what, x=x, y=y, button="left", clickCount=1)

    def key(self, key, modifiers=0):
        """modifiers: 2 is Ctrl"""
        for what in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=what, key=key, modifiers=modifiers,
                      windowsVirtualKeyCode={"Escape": 27, "Enter": 13}.get(key, 0))

    def type(self, text):
        self.call("Input.insertText", text=text)
