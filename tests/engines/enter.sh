# Run by `unshare --mount`: make ROOT the root of this mount namespace, FOLDER visible under its
# own path, and become dockerd. A plain chroot would not do: runc wants the root to be a mount.
set -eu
root=$1 folder=$2
mount --make-rprivate /
mount --bind "$root" "$root"
mkdir -p "$root/proc" "$root/sys" "$root/dev" "$root/.old"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
mkdir -p "$root$folder"
mount --bind "$folder" "$root$folder"
cd "$root"
pivot_root . .old
umount -l /.old
exec dockerd --host "unix://$folder/docker.sock" --config-file "$folder/daemon.json" \
    --data-root "$folder/data" --exec-root "$folder/exec" --pidfile "$folder/dockerd.pid"
