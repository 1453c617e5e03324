#!/bin/sh
# shellcheck disable=SC2016,SC2086,SC2089,SC2090,SC2317 # single quotes are for the sh that is called; words of commands
# run-queue: what each command does to a plan, and what it refuses. TOOLS.md (Text tools).
. t/lib.sh
top=$PWD
mkdir "$tmp/d" && cd "$tmp/d" || exit 1
export GIT_CEILING_DIRECTORIES="$tmp" GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
p=$tmp/d/p.json

# py CODE: python has the plan as p, its runs by id as r
py() {
	python3 -c 'import json, re, sys
p = json.load(open(sys.argv[1])); r = {str(x["id"]): x for x in p["runs"]}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
'"$1" "$p"
}

# silent SENTENCE COMMAND...: exits 0 and says nothing
silent() {
	status 0 "$@"
	cat "$tmp/out" "$tmp/err" >"$tmp/said"
	[ ! -s "$tmp/said" ] || result 1 'and says nothing' "$tmp/said"
}

cat >"$tmp/plan" <<'END'
{
  "name": "eleven", "zz": {"b": [1, 2.50, 1e3, 0.1, -0.0, 1E400, 12345678901234567890, true, null, {}, []], "a": "\u00e9\n\ud83d\ude00"},
  "profiler": "cprofile",
  "runs": [
    {"id": 7, "label": "late", "phase": 2, "command": ["echo", "it's", "", "a b", "$x", "x=1", "plain-1.5"]},
    {"id": "a", "phase": 1, "size": 30, "command": "echo \"$HOME\"\ttab", "mine": [{"x": 1}]},
    {"label": "no phase", "id": "b", "size": "small", "status": "pending", "description": "two\nlines"},
    {"id": "c.1_-", "phase": 1, "status": null, "size": 0.30000000000000004, "start": null, "git": null, "results": null},
    {"id": "d", "phase": -1, "status": "done", "start": "2026-11-21T23:59:50Z", "end": "2026-11-22T00:01:00Z", "git": "abc", "results": {"k": 1}},
    {"id": "e", "status": "error", "start": "yesterday", "end": "2026-11-22T00:01:00Z"},
    {"id": "f", "status": "running", "start": "2026-11-21T18:40:05Z"}
  ]
}
END
sed 's/1E400, 12345678901234567890, //' "$tmp/plan" >"$tmp/good"

# fresh: the plan as it was
fresh() { cp "$tmp/good" "$p"; }

# next ------------------------------------------------------------------------------------------
fresh
for want in b a c.1_- 7; do
	prints 0 "next hands out $want" run-queue p.json next <<END
$want
END
done
same 'and says nothing else' /dev/null "$tmp/err"
refuses_silently() {
	cp "$p" "$tmp/before"
	status 1 "$@"
	cat "$tmp/out" "$tmp/err" >"$tmp/said"
	same 'without a word' /dev/null "$tmp/said"
	same 'nothing is changed' "$tmp/before" "$p"
}
refuses_silently 'nothing is pending' run-queue p.json next
status 1 'nothing is pending, with -v' run-queue -v p.json next
ok 'it is said' grep -q 'nothing is pending' "$tmp/err"
ok 'all are running since a time' py 'assert all(r[i]["status"] == "running" and TIME.match(r[i]["start"]) and "end" not in r[i] for i in ("b", "a", "c.1_-", "7"))'
ok 'without a commit, where there is none' py 'assert all("git" not in r[i] for i in ("b", "a", "c.1_-", "7"))'
ok 'the others are what they were' py 'old = {str(x["id"]): x for x in json.load(open("../good"))["runs"]}
assert all(r[i] == old[i] for i in "def") and list(r) == list(old)'
ok 'and so is what we do not know, in its order' py 'old = json.load(open("../good"))
del p["runs"], old["runs"]
assert json.dumps(p) == json.dumps(old) and r["a"]["mine"] == [{"x": 1}]'
ok 'numbers have the digits that they need' grep -q '"size": 0.30000000000000004' p.json
ok 'and no more' grep -qx ' *0\.1,' p.json
ok 'two blanks a level, and a line feed at the end' python3 -c 'import json, sys
text = open(sys.argv[1]).read()
assert json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n" == text' p.json

# What cannot be written is not lost
fresh
says 1 "run-queue: standard output: cannot write: No space left on device; run 'b' is pending again" sh -c 'run-queue p.json next >/dev/full'
ok 'the run is pending' py 'assert r["b"]["status"] == "pending" and "start" not in r["b"]'
fresh
says 1 'run-queue: standard output: cannot write: Bad file descriptor' sh -c 'exec run-queue p.json next >&-'
same 'claims nothing' "$tmp/good" p.json
says 1 "run-queue: standard output: nobody reads it; run 'b' is pending again" python3 -c 'import os, sys
r, w = os.pipe()
os.close(r)
os.dup2(w, 1)
os.execvp("run-queue", ["run-queue", "p.json", "next"])'
ok 'the run is pending' py 'assert r["b"]["status"] == "pending"'
status 0 'next into a file' run-queue -o id p.json next
echo b | cmp -s - id
result $? 'it is there' id
refuses 1 'none/x: No such file' 'next into no folder' run-queue -o none/x p.json next
ok 'claims nothing' py 'assert r["a"].get("status", "pending") == "pending"'

# start, done, error, reset -----------------------------------------------------------------------
fresh
silent 'start claims a run of any phase' run-queue p.json start 7
ok 'it is running' py 'assert r["7"]["status"] == "running" and TIME.match(r["7"]["start"])'
prints 0 'next passes it over' run-queue p.json next <<'END'
b
END
silent 'done' run-queue p.json 'done' 7 n=12 x=-1.5e3 y=0.1 t=abc "u=1 " v= w=-0 big=123456789012345678901 huge=1e999 z=007 eq=a=b nul=null "bad=$(printf 'a\377b')"
ok 'its results are numbers where they are that' py 'assert r["7"]["status"] == "done" and TIME.match(r["7"]["end"])
want = {"n": 12, "x": -1500.0, "y": 0.1, "t": "abc", "u": "1 ", "v": "", "w": 0, "big": "123456789012345678901", "huge": "1e999", "z": "007",
        "eq": "a=b", "nul": "null", "bad": "a\ufffdb"}
assert r["7"]["results"] == want and [type(v) for v in r["7"]["results"].values()] == [type(v) for v in want.values()], r["7"]["results"]'
silent 'error' run-queue p.json error b "went
wrong = \"1\""
ok 'says what' py 'assert r["b"]["status"] == "error" and r["b"]["results"] == {"error": "went\nwrong = \"1\""} and TIME.match(r["b"]["end"])'
silent 'start by the text of a number' run-queue p.json start a
silent 'error without a text' run-queue p.json error a
ok 'has no error in its results' py 'assert r["a"]["status"] == "error" and r["a"]["results"] == {}'
silent 'done without results' sh -c 'run-queue p.json start c.1_- && run-queue p.json done c.1_-'
ok 'has none' py 'assert r["c.1_-"]["results"] == {}'
status 0 'reset of one that is done' run-queue p.json reset 7
ok 'says so' grep -qx 'run-queue: 1 run is pending again' "$tmp/err"
ok 'all that it had is gone, and the rest is there' py 'assert r["7"] == {"id": 7, "label": "late", "phase": 2, "command": r["7"]["command"], "status": "pending"}'
silent 'reset -q of one that is pending' run-queue -q p.json reset 7
status 0 'reset of all' run-queue p.json reset
ok 'says how many' grep -qx 'run-queue: 4 runs are pending again' "$tmp/err"
ok 'those that were running or in error' py 'assert {i: x["status"] for i, x in r.items()} == {"7": "pending", "a": "pending", "b": "pending", "c.1_-": "done", "d": "done", "e": "pending", "f": "pending"}'
ls >"$tmp/before"
stat -c '%i %y' p.json >>"$tmp/before"
status 0 'reset of nothing' run-queue p.json reset
{ ls; stat -c '%i %y' p.json; } >"$tmp/after"
same 'writes nothing' "$tmp/before" "$tmp/after"

fresh
for case in "start f:run 'f' is running since 2026-11-21T18:40:05Z" "start d:run 'd' is done, not pending" "start e:run 'e' is in error, not pending" \
	"done b:run 'b' is pending, not running" "done d:run 'd' is done, not running" "done e:run 'e' is in error, not running" "error b x:run 'b' is pending, not running" \
	"start nosuch:there is no run 'nosuch'" "start 07:there is no run '07'" "start -- -:there is no run '-'" "done nosuch a=1:there is no run 'nosuch'" \
	"error nosuch:there is no run 'nosuch'" "reset nosuch:there is no run 'nosuch'" "get nosuch id:there is no run 'nosuch'" "add id=7:there is a run '7' already" "add id=b:there is a run 'b' already"; do
	refuses 1 "^run-queue: p.json: ${case#*:}\$" "${case%%:*}" run-queue p.json ${case%%:*}
	same 'leaves the plan as it is' "$tmp/good" p.json
done

# git ---------------------------------------------------------------------------------------------
if command -v git >/dev/null; then
	mkdir repo && cd repo || exit 1
	fresh
	git init -q . && silent 'start where there is no commit' run-queue ../p.json start b
	ok 'has none' py 'assert "git" not in r["b"]'
	echo 1 >f && git add f && git -c user.name=a -c user.email=a@b commit -qm 1
	commit=$(git rev-parse HEAD)
	[ "$(run-queue ../p.json next)" = a ]
	result $? 'next in a checkout'
	ok 'has its commit' py 'assert r["a"]["git"] == "'"$commit"'"'
	echo 2 >f
	silent 'start where a file differs' run-queue ../p.json start 7
	ok 'says so' py 'assert r["7"]["git"] == "'"$commit"'-dirty"'
	git checkout -q f && : >new
	silent 'start where a file is new' run-queue ../p.json start c.1_-
	ok 'says so' py 'assert r["c.1_-"]["git"] == "'"$commit"'-dirty"'
	cd ..
fi
fresh
mkdir bin && printf '#!/bin/sh\nexit 1\n' >bin/git && chmod +x bin/git
silent 'start with a git that fails' env PATH="$tmp/d/bin:$PATH" run-queue p.json start b
ok 'has no commit' py 'assert "git" not in r["b"]'
printf '#!/bin/sh\ncat\necho "# branch.oid abc123"\nreadlink /proc/self/fd/0 >seen\n' >bin/git
silent 'start with a git that reads' env PATH="$tmp/d/bin:$PATH" run-queue p.json start a
ok 'gives it nothing' grep -qx /dev/null seen
ok 'and believes it' py 'assert r["a"]["git"] == "abc123"'

# status ------------------------------------------------------------------------------------------
fresh
prints 0 'status' run-queue p.json status --format tsv <<'END'
id	label	phase	size	status	start	end	git	seconds	command
d		-1		done	2026-11-21T23:59:50Z	2026-11-22T00:01:00Z	abc	70	
b	no phase	0	small	pending					
e		0		error	yesterday	2026-11-22T00:01:00Z			
f		0		running	2026-11-21T18:40:05Z				
a		1	30	pending					echo "$HOME"\ttab
c.1_-		1	0.30000000000000004	pending					
7	late	2		pending					echo 'it'\\''s' '' 'a b' '$x' 'x=1' plain-1.5
END
echo 'run-queue: 4 pending, 1 running, 1 done, 1 errors' >"$tmp/want"
same 'counts on standard error' "$tmp/want" "$tmp/err"
status 0 'status -q' run-queue -q p.json status --no-header --top 2 --sort id
same 'says nothing' /dev/null "$tmp/err"
[ "$(cut -f 1 "$tmp/out" | tr '\n' ' ')" = '7 a ' ]
result $? 'options of tables' "$tmp/out"
run-queue -q p.json status --format json >out.json
ok 'json' python3 -c 'import json
rows = json.load(open("out.json"))
assert rows[1] == {"id": "b", "label": "no phase", "phase": 0, "size": "small", "status": "pending", "start": None, "end": None, "git": None, "seconds": None, "command": None}
assert rows[0]["seconds"] == 70 and rows[6]["id"] == "7"'
status 0 'status with -o' run-queue -q -o t.md p.json status --format md
ok 'writes there' grep -q '^| id | label' t.md
same 'status changes nothing' "$tmp/good" p.json
echo '{"runs":[]}' >empty.json
status 0 'status of no runs' run-queue empty.json status
echo 'run-queue: 0 pending, 0 running, 0 done, 0 errors' >"$tmp/want"
same 'one line' "$tmp/want" "$tmp/err"
refuses 2 "unknown format 'x'" 'an unknown format' run-queue p.json status --format x

# get ---------------------------------------------------------------------------------------------
# gets ID FIELD TEXT: prints this
gets() {
	printf '%s\n' "$3" >"$tmp/text"
	prints 0 "get $1 $2" run-queue p.json get "$1" "$2" <"$tmp/text"
}
gets b description 'two
lines'
gets a command 'echo "$HOME"	tab'
gets 7 command "echo 'it'\\''s' '' 'a b' '\$x' 'x=1' plain-1.5"
[ "$(sh -c "$(run-queue p.json get 7 command)")" = "it's  a b \$x x=1 plain-1.5" ]
result $? 'which the shell takes for these words'
gets a mine '[{"x":1}]'
gets d results '{"k":1}'
gets 7 id 7
gets 7 status pending
gets c.1_- status pending
gets b phase 0
gets c.1_- size 0.30000000000000004
gets - name eleven
gets - zz '{"b":[1,2.5,1000.0,0.1,-0.0,true,null,{},[]],"a":"é\n😀"}'
for field in label start results nosuch ''; do
	refuses_silently "get c.1_- '$field', which is not there" run-queue p.json get c.1_- "$field"
done
refuses_silently 'get - status: a plan has none' run-queue p.json get - status
says 1 'run-queue: standard output: cannot write: No space left on device' sh -c 'run-queue p.json get 7 id >/dev/full'

# add ---------------------------------------------------------------------------------------------
umask 027
silent 'add makes a plan' run-queue new.json add id=x label=l phase=-2 size=1.50 'command=a "b"' description=
prints 0 'of one run' cat new.json <<'END'
{
  "runs": [
    {
      "id": "x",
      "label": "l",
      "phase": -2,
      "size": 1.5,
      "command": "a \"b\"",
      "description": "",
      "status": "pending"
    }
  ]
}
END
[ "$(stat -c %a new.json)" = 640 ]
result $? 'with the permissions of a new file'
silent 'add adds at the end' run-queue new.json add size=big id=007
ok 'an id is text' python3 -c 'import json
assert json.load(open("new.json"))["runs"][1] == {"size": "big", "id": "007", "status": "pending"}'
ln -s "$tmp/d/made.json" dangling
silent 'add through a link to nothing' run-queue dangling add id=x
ok 'makes what it leads to' test -L dangling -a -f made.json
refuses 1 'nowhere/p.json: No such file' 'add where there is no folder' run-queue nowhere/p.json add id=x
for bad in x:KEY=VALUE =x:KEY=VALUE nosuch=1:'unknown field .nosuch.; fields are id label phase size command description' status=done:'unknown field' \
	id=:'is no id' id=.a:'is no id' id=-a:'is no id' id=a/b:'is no id' "id=a b:is no id" id=é:'is no id' phase=1.5:'whole number' phase=x:'whole number' phase=:'whole number' \
	id=y:'given twice' label=x:'given twice' "command=$(printf '\377'):no UTF-8" id="$(printf %065d 1)":'is no id'; do
	word=${bad%:*}
	case $bad in id=y:*) set -- id=z ;; label=*) set -- id=y label=1 ;; id=*) set -- ;; *) set -- id=y ;; esac
	cp new.json "$tmp/before"
	refuses 2 "${bad##*:}" "add $word" run-queue new.json add "$@" "$word"
	same 'adds nothing' "$tmp/before" new.json
done
refuses 2 'needs id=ID' 'add without an id' run-queue new.json add label=x
silent 'an id of 64' run-queue new.json add id="$(printf %064d 1)"

# check -------------------------------------------------------------------------------------------
echo '{"requires":{"env":{"A_SET":null,"A_VALUE":"1 2","A_EMPTY":""},"files":["there","."],"more":1},"runs":[]}' >req.json
: >there
export A_SET=x A_VALUE='1 2' A_EMPTY=
silent 'check: all is so' run-queue req.json check
silent 'check: nothing is required' run-queue new.json check
for case in "A_SET:A_SET is not set" "A_VALUE:A_VALUE is not set, and has to be '1 2'" "A_EMPTY:A_EMPTY is not set, and has to be ''"; do
	says 4 "run-queue: req.json: ${case#*:}" env -u "${case%%:*}" run-queue req.json check
done
says 4 "run-queue: req.json: A_VALUE is '12', and has to be '1 2'" env A_VALUE=12 run-queue req.json check
rm there
refuses 4 '^run-queue: req.json: there: No such file' 'check without a file' run-queue req.json check
status 4 'check with two that are not so' env A_EMPTY=x run-queue -q req.json check
[ "$(wc -l <"$tmp/err")" = 2 ]
result $? 'says both' "$tmp/err"
if [ "$(id -u)" = 0 ]; then
	chmod 755 "$tmp" "$tmp/d"
	chmod 644 req.json
	: >there && chmod 600 there
	says 4 'run-queue: req.json: there: Permission denied' \
		setpriv --reuid 12345 --regid 12345 --clear-groups "$(command -v run-queue)" req.json check
fi

# Wrong use ---------------------------------------------------------------------------------------
fresh
refuses 2 'a plan is missing' 'nothing' run-queue
refuses 2 'a command is missing; .*next start done error reset status get add check' 'no command' run-queue p.json
refuses 2 "unknown command 'nxt'; there are: next start done error reset status get add check" 'an unknown command' run-queue p.json nxt
for words in 'next a' start 'start a b' 'done' error 'error a b c' 'reset a b' 'status a' get 'get a' 'get a b c' add 'check a'; do
	refuses 2 "^run-queue: ${words%% *} takes " "'$words'" run-queue p.json $words
done
for words in 'done f x' 'done f =x' 'done f x=1 x=2'; do
	refuses 2 'KEY=VALUE|given twice' "'$words'" run-queue p.json $words
done
for words in 'start b' 'done f' 'error f' reset 'add id=x' check; do
	refuses 2 "nothing to write" "-o with '$words'" run-queue -o x p.json $words
	refuses 2 "for status" "--top with '$words'" run-queue --top 1 p.json $words
done
refuses 2 'for status' '--format with next' run-queue --format json p.json next
refuses 2 'for status' '--no-header with get' run-queue --no-header p.json get b id
same 'and the plan is what it was' "$tmp/good" p.json

# Files that are no plan --------------------------------------------------------------------------
commands='next|start b|done b|error b|reset|reset b|status|get b id|add id=new|check'
# each PATTERN SENTENCE: all commands refuse bad.json, which stays as it is
each() {
	cp bad.json "$tmp/before"
	find . >"$tmp/list"
	printf '%s' "$commands" | tr '|' '\n' >"$tmp/commands"
	: >"$tmp/found"
	while read -r words || [ -n "$words" ]; do
		run-queue bad.json $words >"$tmp/out" 2>"$tmp/err"
		code=$?
		if [ $code != 1 ] || [ -s "$tmp/out" ] || ! one_message run-queue "$1" || ! cmp -s bad.json "$tmp/before"; then
			{ echo "$words: status $code"; cat "$tmp/err"; } >>"$tmp/found"
		fi
	done <"$tmp/commands"
	find . | cmp -s - "$tmp/list" || echo litter >>"$tmp/found"
	[ ! -s "$tmp/found" ]
	result $? "$2" "$tmp/found"
}
# bad PATTERN TEXT: all commands refuse it
bad() {
	printf '%s' "$2" >bad.json
	each "$1" "refused: $2"
}
bad 'line 1, column [0-9]+: ' ''
commands='next|status|add id=new' # once with all of them is enough
bad 'line 2, column [0-9]+: .*unexpected token' '{"runs":[
}'
bad 'line 1, column 12: .*end of file' '{"runs":[]}x'
bad 'line 1, column [0-9]+: .*duplicate' '{"runs":[],"runs":[]}'
bad 'line 1, column [0-9]+: .*duplicate' '{"runs":[{"id":"a","id":"b"}]}'
bad 'line 1, column [0-9]+: .*u0000' '{"runs":[],"x":"\u0000"}'
bad 'line 1, column [0-9]+: .*too big integer' '{"runs":[],"x":123456789012345678901}'
bad 'line 1, column [0-9]+: .*overflow' '{"runs":[],"x":1e999}'
bad 'line 1, column [0-9]+: ' "{'runs':[]}"
bad 'not a plan: it is no object' '[]'
bad 'not a plan: it has no runs' '{}'
bad 'not a plan: it has no runs' '{"runs":null}'
bad 'runs has to be an array' '{"runs":{}}'
bad 'name has to be text' '{"name":1,"runs":[]}'
bad 'profiler has to be text' '{"profiler":[],"runs":[]}'
bad 'run 2 is no object' '{"runs":[{"id":1},"a"]}'
bad 'run 1 has no id' '{"runs":[{}]}'
bad 'run 1 has no id' '{"runs":[{"id":null}]}'
bad 'run 1: id has to be text or a whole number' '{"runs":[{"id":1.0}]}'
for id in '""' '"."' '".a"' '"-a"' '"a/b"' '"a b"' '"é"' '"a\n"' -1 "\"$(printf %065d 1)\""; do
	bad 'run 1: id has to be 1 to 64 of' "{\"runs\":[{\"id\":$id}]}"
done
bad "two runs have the id 'a'" '{"runs":[{"id":"a"},{"id":"b"},{"id":"a"}]}'
bad "two runs have the id '7'" '{"runs":[{"id":7},{"id":"7"}]}'
bad "run 'a': status 'Done' is none of pending running done error" '{"runs":[{"id":"a","status":"Done"}]}'
for field in label:1 phase:1.0 phase:'"1"' size:'[]' size:true command:1 command:'{}' command:'["a",1]' description:1 status:1 start:1 end:1 git:1 results:'[]' results:'"x"'; do
	bad "run 1: ${field%%:*} has to be" "{\"runs\":[{\"id\":\"a\",\"${field%%:*}\":${field#*:}}]}"
done
for field in '[]|requires has to be an object' '{"env":[]}|requires.env has to be an object' '{"files":{}}|requires.files has to be an array' \
	'{"files":[1]}|requires.files has to be an array of texts' '{"env":{"A":1}}|requires.env: .A. has to be text or null' \
	'{"env":{"":null}}|requires.env: .. is no name' '{"env":{"A=B":null}}|requires.env: .A=B. is no name'; do
	bad "${field#*|}" "{\"runs\":[],\"requires\":${field%|*}}"
done
printf '{"runs":[]\000}' >bad.json
each 'line 1, column' 'refused: a byte 0'
printf '{"runs":[{"id":"a","label":"\377"}]}' >bad.json
each 'line 1, column [0-9]+: .*byte 0xff' 'refused: no UTF-8'
python3 -c 'print("[" * 5000)' >bad.json
each 'line 1, column' 'refused: too deep'
printf '{"runs":[],"x":"%s"}' "$(printf '\033[31m')" >bad.json
each 'line 1, column' 'refused: a control character, which is not shown'
{ printf '{"runs":[]}' && head -c 67108864 /dev/zero | tr '\0' ' '; } >bad.json
each 'larger than 64 MB' 'refused: more than 64 MB'
rm bad.json
refuses 1 'bad.json: No such file' 'no plan' run-queue bad.json next
printf '\357\273\277{"runs": [{"id": "a"}]}\r\n' >marked.json
status 0 'a mark of UTF-8 in front, and CRLF, as some editors write' run-queue marked.json start a
ok 'are no damage' [ "$(run-queue marked.json get a status)" = running ]
refuses 1 'bad.json: No such file' 'no plan' run-queue bad.json status
refuses 1 'Is a directory' 'a folder' run-queue "$tmp" next
refuses 1 'Is a directory' 'a folder' run-queue "$tmp" status
mkfifo fifo
says 1 'run-queue: fifo: not a regular file' timeout 20 run-queue fifo status
refuses 1 '/dev/null: not a regular file' 'a device' run-queue /dev/null add id=x

# The file ----------------------------------------------------------------------------------------
fresh
chmod 604 p.json
mkdir links && ln -s ../p.json links/l && ln -s l links/ll
silent 'start through links' run-queue links/ll start b
ok 'changes what they lead to' py 'assert r["b"]["status"] == "running"'
ok 'and leaves them' test -L links/l -a -L links/ll -a ! -L p.json
[ "$(stat -c %a p.json)" = 604 ]
result $? 'permissions are kept'
ls links >"$tmp/got"
printf 'l\nll\n' >"$tmp/want"
same 'nothing else is there' "$tmp/want" "$tmp/got"
if [ "$(id -u)" = 0 ]; then
	chown 12345:12346 p.json
	silent 'start as another' run-queue p.json start a
	[ "$(stat -c %u:%g p.json)" = 12345:12346 ]
	result $? 'owner and group are kept'
	chown 0:0 p.json && chmod 644 p.json
	says 1 'run-queue: p.json: Permission denied' \
		setpriv --reuid 12345 --regid 12345 --clear-groups "$(command -v run-queue)" p.json start 7
fi
echo junk >p.json.tmp
silent 'what a killed program left' run-queue p.json start 7
ok 'goes' test ! -e p.json.tmp
silent 'a plan without a folder in its name' run-queue p.json reset -q

cd "$top" || exit 1
done_testing
