#!/usr/bin/env bash
# build-dist.sh [DIR]: builds the self-contained distribution in DIR (default build/dist):
#
#   bin/fcvm       the launcher (launcher/); where there is no C compiler and none can be installed, scripts/launcher.sh
#   lib/fcvm-filter  filters the system calls of what serves a machine's network (launcher/filter/); not without a C compiler
#   lib/runtime/   a Java runtime with the program's modules linked in, and nothing it does not need
#   lib/nowhere/   an empty directory, for the launcher
#   lib/fcvm.aot   the AOT cache: classes loaded and linked ahead of time (JEP 483, 514); checked here
#   agent/         the guest's agent with its own runtime, for `fcvm init`
#   scripts/ network/ templates/ config/ .env
#
# It works from wherever it is put. Nothing is done when nothing has changed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
out=${1:-build/dist}
need_jdk
need_maven

log_step "compile"
maven -DskipTests package -pl fcvm -am
digest=$({ find fcvm/target/*.jar fcvm/target/modules launcher scripts network templates config fc-agent/src fcvm-link/src fcvm-plan/src .env \
    -type f -print0 | sort -z | xargs -0 sha256sum; "$JAVA_HOME/bin/java" -version 2>&1; } | sha256sum | cut -d' ' -f1)
if [ -f "$out/.digest" ] && [ "$(cat "$out/.digest")" = "$digest" ]; then
    log_done "unchanged"
    exit 0
fi
log_done

work=$out.part.$$
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/bin" "$work/lib/nowhere" # where the launcher goes from a directory that is gone

# compile FILE SOURCE...
compile() {
    cc -std=c17 -O2 -Wall -Wextra -fPIE -pie -fstack-protector-strong -D_FORTIFY_SOURCE=2 -Wl,-z,relro,-z,now \
        "${@:2}" -o "$1"
}
# make_launcher FILE FILTER
make_launcher() {
    if has_tool cc; then
        compile "$1" launcher/*.c
        compile "$2" launcher/filter/filter.c
    else
        printf '  %s\n' "there is no C compiler (apt install gcc libc6-dev): commands start by a shell script, which is slower," \
            "and what serves a machine's network has no filter of system calls"
        install -m 755 scripts/launcher.sh "$1"
    fi
}

has_tool cc || ! may_install || need_packages gcc libc6-dev
log_step "link the runtime"
"$JAVA_HOME/bin/jlink" --module-path "fcvm/target/modules:$(echo fcvm/target/fcvm-[0-9]*.jar)" \
    --add-modules dev.fcvm --no-header-files --no-man-pages --strip-java-debug-attributes --compress zip-0 \
    --output "$work/lib/runtime" 2>"$work/jlink.log" || { cat "$work/jlink.log" >&2; exit 1; }
rm "$work/jlink.log"
cp scripts/java.args "$work/lib/java.args"
make_launcher "$work/bin/fcvm" "$work/lib/fcvm-filter"
cp -R scripts network templates config .env "$work/"
# What the guest is made of, for `fcvm init`.
cp -R fc-agent/src/guest "$work/templates/guest"
log_done

log_step "agent"
scripts/build-agent.sh "$work/agent"
log_done

# The training run goes through the commands a user waits for; its cache is then asked for by force, so that a
# refused one fails the build rather than slowing every start.
log_step "AOT cache"
java="$work/lib/runtime/bin/java"
FCVM_HOME=$(cd "$work" && pwd) _JAVA_SR_SIGNUM=16 env --block-signal=HUP,INT,QUIT,TERM,USR1,USR2 "$java" "@$work/lib/java.args" -XX:AOTCacheOutput="$work/lib/fcvm.aot" \
    -m dev.fcvm/dev.fcvm.cli.Training >"$work/training.log" 2>&1 || { cat "$work/training.log" >&2; exit 1; }
rm "$work/training.log"
"$java" "@$work/lib/java.args" -XX:AOTMode=on -XX:AOTCache="$work/lib/fcvm.aot" -m dev.fcvm/dev.fcvm.cli.Main --version >"$work/lib/version"
log_done "$(du -h "$work/lib/fcvm.aot" | cut -f1)"

echo "$digest" >"$work/.digest"
rm -rf "$out.old"
[ ! -e "$out" ] || mv "$out" "$out.old"
mkdir -p "$(dirname "$out")"
mv "$work" "$out"
rm -rf "$out.old"
