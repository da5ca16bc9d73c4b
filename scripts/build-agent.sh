#!/usr/bin/env bash
# build-agent.sh DIR: builds the guest's agent in DIR:
#
#   fc-agent       starts it; also through a link of another name, from wherever the directory is put
#   bin/ lib/ …    a Java runtime with the agent's modules linked in, and nothing it does not need
#   lib/fc-agent.aot   the AOT cache: classes loaded and linked ahead of time (JEP 483, 514); checked here
#
# Nothing is done when nothing has changed.
set -euo pipefail
out=${1:?usage: build-agent.sh DIR}
case $out in /*) ;; *) out=$PWD/$out ;; esac
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
need_jdk
need_maven

maven -DskipTests package -pl fc-agent -am
inputs=(fc-agent/target/modules fc-agent/target/fc-agent-[0-9]*.jar scripts/build-agent.sh scripts/agent.sh scripts/agent.args)
digest=$(digest_of agent-1 "${inputs[@]}" "$("$JAVA_HOME/bin/java" -version 2>&1)")
if [ -f "$out/.digest" ] && [ "$(cat "$out/.digest")" = "$digest" ]; then
    exit 0
fi

work=$out.part.$$
trap 'rm -rf "$work" "$work.moved"' EXIT
mkdir -p "$(dirname "$out")"
rm -rf "$work"

# quietly COMMAND…: its output only when it fails.
quietly() {
    local said
    if ! said=$("$@" 2>&1); then
        printf '%s\n' "$said" >&2
        die "$1 failed"
    fi
}

quietly "$JAVA_HOME/bin/jlink" --module-path "fc-agent/target/modules:$(echo fc-agent/target/fc-agent-[0-9]*.jar)" \
    --add-modules dev.fcvm.guest --no-header-files --no-man-pages --strip-java-debug-attributes --compress zip-0 \
    --output "$work"
# Neither tools nor papers are read in a guest; the licences stay with the JDK the runtime was linked from.
rm -rf "$work/legal" "$work/lib/jrt-fs.jar" "$work/lib/classlist" "$work/lib/jexec"
find "$work/bin" -type f ! -name java -delete
install -m 755 scripts/agent.sh "$work/fc-agent"
cp scripts/agent.args "$work/lib/fc-agent.args"

# The training run goes through everything the agent does in a guest.
quietly timeout 120 "$work/bin/java" "@$work/lib/fc-agent.args" "-XX:AOTCacheOutput=$work/lib/fc-agent.aot" \
    -m dev.fcvm.guest/dev.fcvm.guest.Main --train

# A cache the runtime refuses only shows in a slow start: so ask for it by force, as the guest will find it, at another
# place and with other times.
cp -r "$work" "$work.moved"
find "$work.moved" -exec touch -h -d @1 {} +
quietly timeout 120 env FC_AGENT_OPTIONS=-XX:AOTMode=on "$work.moved/fc-agent" --train
rm -rf "$work.moved"

echo "$digest" >"$work/.digest"
rm -rf "$out.old"
[ ! -e "$out" ] || mv "$out" "$out.old"
mv "$work" "$out"
rm -rf "$out.old"
