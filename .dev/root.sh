# The build root: a Debian 13 that the project brings along for older hosts.
# Sourced by ../dev, which sets $checkout and say().

packages() { sed 's/#.*//' "$checkout/.dev/packages" | xargs -n1; }

# Not below $HOME or $XDG_CACHE_HOME: tests point those at folders they throw away.
cache_dir() {
  local home
  home=$(getent passwd "$(id -u)" | cut -d: -f6)
  if [[ -n ${SATCHEL_BUILD_ROOT-} ]]; then
    echo "$SATCHEL_BUILD_ROOT"
  elif [[ -n $home && -d $home && -w $home ]]; then
    echo "$home/.cache/satchel"
  else
    echo "$checkout/.build"
  fi
}

root_recipe() { cat "$checkout"/.dev/{packages,root.sh,fonts.conf,gtk-settings.ini}; }

# ---- What the host needs -------------------------------------------------------------------------

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
  local codename uri
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  uri=$({
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: $codename" 'Origin: Debian'
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Release: $codename" 'Component: main'
  } | sed -n 1p)
  case $uri in
    mirror+file:*) sed -n '/^[a-z]*:/{s/[[:space:]].*//;p;q}' "${uri#mirror+file:}" ;;
    ?*) echo "$uri" ;;
    *) die "apt on this computer has no source for Debian $codename to take the archive's address from" ;;
  esac
}

# ---- Making it -----------------------------------------------------------------------------------

# The root is kept with its maker as the owner of everything, so that rm can remove it.
make_root() {
  local root=$1 mirror
  mirror=$(debian_mirror)
  say "making a Debian 13 build root in $root, once; this takes a minute or two"
  rm -rf "$root.making"
  mkdir -p "$root.making"
  bootstrap "$mirror" | tar -x -C "$root.making" --exclude='./dev/*' || die "could not make the build root"
  tr -d - </proc/sys/kernel/random/uuid >"$root.making/etc/machine-id"
  mv "$root.making" "$root"
  say "the build root is ready"
}

bootstrap() {
  mmdebstrap --quiet --variant=apt --include="$(packages | paste -sd,)" \
    --dpkgopt=force-unsafe-io \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/info/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --essential-hook='mkdir -p "$1/etc/postgresql-common/createcluster.d"
      echo "create_main_cluster = false" >"$1/etc/postgresql-common/createcluster.d/none.conf"' \
    --customize-hook="copy-in $checkout/.dev/fonts.conf $checkout/.dev/gtk-settings.ini /tmp" \
    --customize-hook='chroot "$1" sh -eu -c "
      mv /tmp/fonts.conf /etc/fonts/local.conf
      mkdir -p /etc/gtk-4.0
      mv /tmp/gtk-settings.ini /etc/gtk-4.0/settings.ini
      chmod 644 /etc/fonts/local.conf /etc/gtk-4.0/settings.ini
      localedef -i ru_RU -f UTF-8 ru_RU.UTF-8
      localedef -i th_TH -f UTF-8 th_TH.UTF-8
      fc-cache -s"' \
    trixie - "$1"
}

find_root() {
  local cache
  cache=$(cache_dir)
  root=$cache/trixie-$(root_recipe | sha256sum | cut -c1-12)
  [[ -d $root ]] || { require_root_makers; require_id_range; mkdir -p "$cache"; make_root_alone; }
  has bwrap || require_root_makers
}

make_root_alone() {
  exec {lock}>"$root.lock"
  flock -n "$lock" || { say "waiting for the build root that is being made"; flock "$lock"; }
  [[ -d $root ]] || make_root "$root"
  exec {lock}>&-
}

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

# Runs one command in the root. Signals reach the command itself: bwrap, which would die of them
# and take the command along, ignores them, and the command gets the default actions back.
in_root() {
  local arguments=() inside
  find_root
  system_binds
  host_binds
  (
    trap '' HUP INT TERM
    exec bwrap "${arguments[@]}" --ro-bind-data 9 /etc/passwd --die-with-parent --chdir "$PWD" \
      -- env --default-signal=HUP,INT,QUIT,TERM "$@" 9< <(passwd_of_root)
  ) <&0 &
  inside=$!
  forward_signals
  wait_for "$inside"
}

forward_signals() {
  trap 'signal_inside HUP' HUP
  trap 'signal_inside TERM' TERM
  # A terminal sends Ctrl+C to the command as well; only a signal from elsewhere needs help.
  if [[ -t 0 || -t 1 || -t 2 ]]; then trap : INT; else trap 'signal_inside INT' INT; fi
}

signal_inside() {
  local command
  read -r command <"/proc/$inside/task/$inside/children" && kill -s "$1" "${command%% *}"
}

# wait returns early for each signal that is handled.
wait_for() {
  local status
  while :; do
    wait "$1" && status=0 || status=$?
    kill -0 "$1" 2>/dev/null || return "$status"
  done
}
