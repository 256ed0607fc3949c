# The build root: a Debian 13 that the project brings along for older hosts.
# Sourced by ../dev, which sets $checkout and say().

packages() { sed 's/#.*//' "$checkout/.dev/root/packages" | xargs -n1; }

# Not below $HOME or $XDG_CACHE_HOME: tests point those at folders they throw away.
cache_dir() {
  local home
  home=$(getent passwd "$(id -u)" | cut -d: -f6)
  if [[ -n ${SATCHEL_BUILD_ROOT-} ]]; then
    realpath -m "$SATCHEL_BUILD_ROOT"
  elif [[ -n $home && -d $home && -w $home ]]; then
    echo "$home/.cache/satchel"
  else
    echo "$checkout/.build"
  fi
}

# ---- What the host needs -------------------------------------------------------------------------

# On a Debian that is new enough, the build root is the computer itself.
require_packages() {
  local missing
  has dpkg-query || return 0
  missing=$(comm -23 <(packages | sort) <(installed_packages | sort))
  [[ -z $missing ]] || install_without_services $missing
}

# The tests start servers of their own: no database cluster is made and no web server is left running.
install_without_services() {
  local cluster=/etc/postgresql-common/createcluster.d/satchel.conf
  echo "create_main_cluster = false" | as_root install -D -m 644 /dev/stdin "$cluster"
  install_on_host "$@"
  as_root rm -f "$cluster"
  [[ " $* " != *nginx* ]] || as_root systemctl disable --now nginx >/dev/null 2>&1 || true
}

installed_packages() { dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p'; }

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif has sudo; then
    sudo "$@"
  else
    die "this needs an administrator once: $*"
  fi
}

install_on_host() {
  say "installing on this computer: $*"
  as_root apt-get -q update >&2
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -q install --yes --no-install-recommends "$@" >&2
}

require_root_makers() {
  local keyring=/usr/share/keyrings/debian-archive-trixie-stable.gpg
  has mmdebstrap && has bwrap && has newuidmap && [[ -e $keyring ]] ||
    install_on_host mmdebstrap bubblewrap uidmap debian-archive-keyring
}

require_id_range() {
  local user
  user=$(id -un)
  ((EUID == 0)) && return
  grep -q "^\($user\|$EUID\):" /etc/subuid && grep -q "^\($user\|$EUID\):" /etc/subgid && return
  die "$user has no range of subordinate ids, which making a Debian root needs." \
    "An administrator can give one: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $user"
}

# The archive this computer itself uses, as apt understands its sources, whatever their format.
debian_mirror() {
  local uri
  uri=${SATCHEL_MIRROR-$(debian_sources | sed -n 1p)}
  uri=${uri%/}
  case $uri in
    mirror+file:*) sed -n '/^[a-z]*:/{s/[[:space:]].*//;p;q}' "${uri#mirror+file:}" ;;
    ?*) echo "$uri" ;;
    *) die "apt on this computer has no Debian source; SATCHEL_MIRROR can name a Debian archive" ;;
  esac
}

# Best first: what calls itself Debian, then, where apt has no lists yet, what looks like it.
debian_sources() {
  local codename named
  codename=$(. /etc/os-release && [[ $ID == debian ]] && echo "$VERSION_CODENAME") || return 0
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: $codename" 'Origin: Debian'
  named=$(apt-get --print-uris update | sed -n "s,^'\(.*\)dists/$codename/main/binary-.*,\1,p")
  grep '/debian/$' <<<"$named" || true
  echo "$named"
}

# ---- Making it -----------------------------------------------------------------------------------

# The name tells the recipe, so a changed recipe makes a new root and disturbs nobody in the old one.
find_root() {
  local cache
  cache=$(cache_dir)
  root=$cache/trixie-$(cat "$checkout"/.dev/root/* | sha256sum | cut -c1-12)
  [[ -d $root ]] || make_root
  has bwrap || require_root_makers
  touch -c "$root" 2>/dev/null || true # says when it was last used
}

# Only a finished root gets its name. A second caller waits at the lock, which stays with those who do the work even
# when the first caller is killed.
make_root() {
  local lock mirror
  require_root_makers
  require_id_range
  mirror=$(debian_mirror)
  mkdir -p "$(dirname "$root")"
  exec {lock}>"$root.lock"
  flock -n "$lock" || { say "waiting for a build root that is being made"; flock "$lock"; }
  [[ -d $root ]] || make_locked_root "$mirror"
  exec {lock}>&-
}

make_locked_root() {
  say "making a Debian 13 build root in $root: once, for a minute or three"
  rm -rf "$root.making"
  "$checkout/.dev/root/make" "$1" "$root.making" >&2 || die "the build root could not be made"
  mv "$root.making" "$root"
  forget_old_roots
  say "the build root is ready"
}

forget_old_roots() { find "$(dirname "$root")" -mindepth 1 -maxdepth 1 -name 'trixie-*' -mtime +30 -exec rm -rf {} +; }

# ---- Entering it ---------------------------------------------------------------------------------

add() { arguments+=("$@"); }

system_binds() {
  local name
  if ((EUID == 0)); then add --cap-add ALL; else add --unshare-user; fi
  for name in bin sbin lib lib64; do
    [[ -L $root/$name ]] && add --symlink "usr/$name" "/$name"
  done
  for name in usr etc var/lib/dpkg var/cache/fontconfig; do
    add --ro-bind "$root/$name" "/$name"
  done
  for name in resolv.conf hosts; do
    [[ -e /etc/$name ]] && add --ro-bind "/etc/$name" "/etc/$name"
  done
  add --dev-bind /dev /dev --bind /proc /proc --ro-bind /sys /sys --bind /tmp /tmp --bind /var/tmp /var/tmp
  add --tmpfs /run --symlink /run /var/run --perms 0700 --dir "/run/user/$EUID"
  add --dir /var/log/nginx --dir /var/lib/nginx
}

# Everything of the host but its system: people's files stand where they stood.
host_binds() {
  local place
  for place in /*; do
    case ${place#/} in
      bin | boot | dev | etc | lib* | lost+found | proc | run | sbin | sys | tmp | usr | var) ;;
      *) [[ -d $place && ! -L $place ]] && add --bind "$place" "$place" ;;
    esac
  done
  for place in "$checkout" "$(git_dir)" "$PWD" "${HOME-}" "${XDG_RUNTIME_DIR-}"; do
    case $place in
      "" | / | /usr | /usr/* | /etc | /etc/* | /dev/* | /proc/* | /sys/* | /tmp | /tmp/*) ;;
      *) [[ -d $place ]] && add --bind "$place" "$place" ;;
    esac
  done
}

git_dir() { cd "$checkout" && realpath -q "$(git rev-parse --git-common-dir 2>/dev/null)" || true; }

# D-Bus wants the caller in passwd; the root knows only root and Debian's own users.
passwd_of_root() {
  cat "$root/etc/passwd"
  grep -q "^[^:]*:[^:]*:$EUID:" "$root/etc/passwd" ||
    echo "$(id -un):x:$EUID:$(id -g):Satchel:${HOME:-/tmp}:/bin/bash"
}

# bwrap ignores signals, of which it would die and take the command along.
in_root() {
  local arguments=()
  system_binds
  host_binds
  (
    trap '' HUP INT TERM
    exec bwrap "${arguments[@]}" --perms 0644 --ro-bind-data 9 /etc/passwd --die-with-parent --chdir "$PWD" \
      -- env --default-signal=HUP,INT,QUIT,TERM "$@" 9< <(passwd_of_root)
  ) <&0 &
  attend $!
}

on_host() {
  env --default-signal=HUP,INT,QUIT,TERM "$@" <&0 &
  attend $!
}

# ---- Signals -------------------------------------------------------------------------------------

# Waits for a command in the background as if it were this process: signals that we get are for it.
attend() {
  local process=$1 status
  trap 'pass_on HUP' HUP
  trap 'pass_on INT' INT
  trap 'pass_on TERM' TERM
  while :; do
    wait "$process" && status=0 || status=$?
    kill -0 "$process" 2>/dev/null || break
  done
  trap - HUP INT TERM
  return "$status"
}

pass_on() {
  interrupted=yes
  # A terminal sends Ctrl+C to the command as well.
  [[ $1 == INT && (-t 0 || -t 1 || -t 2) ]] || kill -s "$1" "$(command_of "$process")" 2>/dev/null || true
}

# The command itself, where the process is bwrap waiting for it.
command_of() {
  local children
  children=$(<"/proc/$1/task/$1/children")
  if [[ $(<"/proc/$1/comm") == bwrap ]]; then echo "${children%% *}"; else echo "$1"; fi
}
