# shellcheck shell=bash
# What kind of host this is, and what mends its KVM there: for preflight.sh. Sourced, never run.
# shellcheck disable=SC2034 # what and mend are the caller's
#
# FCVM_PREFLIGHT_ROOT, for tests: a directory in which /proc, /sys, /dev, /run and / are looked for instead.

AT=${FCVM_PREFLIGHT_ROOT:-}
line_of() { head -n 1 "$AT$1" 2>/dev/null || true; }

# The flags and the maker of the first processor.
cpu_flags() { grep -m1 '^flags' "$AT/proc/cpuinfo" 2>/dev/null || true; }
cpu_has() { [[ " $(cpu_flags) " == *" $1 "* ]]; }
# The module of KVM for this processor; nothing where the processor shows no virtualisation.
kvm_module() {
    if cpu_has vmx; then echo kvm_intel; elif cpu_has svm; then echo kvm_amd; fi
}
# The same by the maker, for the host above this virtual machine.
maker_module() {
    if grep -qsE '^vendor_id.*(AMD|Hygon)' "$AT/proc/cpuinfo"; then echo kvm_amd; else echo kvm_intel; fi
}

# container_kind: docker, podman, kubernetes, lxc, systemd-nspawn, …; nothing outside of one. The files alone do not tell:
# a virtual machine made of a container's image has them too, but its root is a disk.
container_kind() {
    local kind root_device
    kind=$(line_of /run/systemd/container)
    if [ -n "$kind" ]; then echo "$kind" && return; fi
    root_device=$(awk '$5 == "/" {device = $3} END {print device}' "$AT/proc/self/mountinfo" 2>/dev/null || true)
    case $root_device in 0:*) ;; *) return 0 ;; esac
    if [ -e "$AT/run/secrets/kubernetes.io" ] || [ -e "$AT/var/run/secrets/kubernetes.io" ]; then
        echo kubernetes
    elif [ -e "$AT/run/.containerenv" ]; then
        echo podman
    elif [ -e "$AT/.dockerenv" ]; then
        echo docker
    fi
}

container_advice() {
    case $1 in
    docker | podman) echo "start this container with: $1 run --device /dev/kvm …, if its host has that device" ;;
    kubernetes) echo "give this pod the host's /dev/kvm: by a device plugin, or privileged with a hostPath volume" ;;
    lxc | lxc-libvirt) echo "on the host of this container: lxc config device add NAME kvm unix-char path=/dev/kvm" ;;
    systemd-nspawn) echo "start this container with: systemd-nspawn --bind=/dev/kvm --property='DeviceAllow=/dev/kvm rw' …" ;;
    *) echo "give this container ($1) the /dev/kvm of its host" ;;
    esac
}

# machine_kind: the kind of virtual machine this is, nothing on a computer of its own. The processor's flag "hypervisor"
# is not enough: some hypervisors hide it, and Xen's first domain, which is the host, has it.
machine_kind() {
    local vendor product words
    vendor=$(line_of /sys/class/dmi/id/sys_vendor) product=$(line_of /sys/class/dmi/id/product_name)
    words=$vendor/$product/$(line_of /sys/class/dmi/id/bios_vendor)/$(line_of /sys/class/dmi/id/board_vendor)
    if [[ $(line_of /proc/xen/capabilities) == *control_d* ]]; then return; fi
    if [[ $(line_of /proc/sys/kernel/osrelease) == *[Mm]icrosoft*WSL* ]]; then echo wsl && return; fi
    # Clouds rent computers, too, under the same maker's name: without the flag, and by the product's name.
    case $words in
    *Amazon\ EC2* | *Google* | *Alibaba* | *OpenStack* | *DigitalOcean* | *Hetzner/vServer*)
        if cpu_has hypervisor || [[ $words != *Amazon\ EC2* && $words != *Google* ]]; then
            case $words in *Amazon\ EC2*) echo amazon ;; *Google*) echo google ;; *) echo cloud ;; esac
        fi
        return ;;
    *Microsoft*/*Virtual\ Machine*)
        # The tag that every machine of Azure has.
        if [ "$(line_of /sys/class/dmi/id/chassis_asset_tag)" = 7783-7084-3265-9085-8269-3286-77 ]; then echo azure; else echo hyper-v; fi
        return ;;
    *VMware*) echo vmware && return ;;
    *innotek* | *VirtualBox*) echo virtualbox && return ;;
    *Parallels*) echo parallels && return ;;
    *QEMU* | *KVM* | *Bochs* | *oVirt* | *Nutanix*) echo kvm && return ;;
    *BHYVE* | *bhyve*) echo bhyve && return ;;
    esac
    if [ "$(line_of /sys/hypervisor/type)" = xen ] || [[ $words == *Xen* ]]; then echo xen && return; fi
    if grep -qs '^vendor_id.*User Mode Linux' "$AT/proc/cpuinfo"; then echo uml && return; fi
    if cpu_has hypervisor; then echo unknown; fi
}

# nested_advice KIND: how KVM comes to a virtual machine that has none.
nested_advice() {
    case $1 in
    amazon) echo "take an EC2 instance type with KVM: any *.metal, or one that offers nested virtualization" ;;
    google) echo "create the instance with --enable-nested-virtualization (N1, N2, C2, C3 and newer Intel types)" ;;
    azure) echo "take an Azure size with nested virtualization (Dv3, Ev3 and newer)" ;;
    hyper-v) echo "on the Hyper-V host, with this machine off: Set-VMProcessor -VMName NAME -ExposeVirtualizationExtensions \$true" ;;
    wsl) echo "in Windows: put nestedVirtualization=true under [wsl2] in %UserProfile%\\.wslconfig, then: wsl --shutdown" ;;
    vmware) echo "turn on 'Virtualize Intel VT-x/EPT or AMD-V/RVI' in this machine's processor settings" ;;
    virtualbox) echo "on the host of this virtual machine, with the machine off: VBoxManage modifyvm NAME --nested-hw-virt on" ;;
    parallels) echo "turn on nested virtualization in this machine's settings: Hardware, CPU & Memory, Advanced" ;;
    xen) echo "on the host of this virtual machine: put nestedhvm=1 into its configuration" ;;
    cloud) echo "ask the provider for nested virtualisation, or take a server of your own (bare metal) there" ;;
    bhyve | uml) echo "run fcvm elsewhere: $1 offers its machines no virtualisation" ;;
    *) echo "on the host of this virtual machine: echo 'options $(maker_module) nested=1' | sudo tee /etc/modprobe.d/kvm.conf, load that module anew, and give the machine the CPU model host-passthrough" ;;
    esac
}

firmware_advice() {
    if [ "$(maker_module)" = kvm_amd ]; then
        echo "turn on SVM (AMD-V) in the firmware's settings, then: sudo modprobe kvm_amd"
    else
        echo "turn on VT-x (Intel Virtualization Technology) in the firmware's settings, then: sudo modprobe kvm_intel"
    fi
}

# module_advice MODULE: how its device comes about.
module_advice() {
    local release modules
    release=$(uname -r) modules=$AT/lib/modules/$(uname -r)
    # Debian's names of files have the other dash.
    if [ -f "$modules/modules.dep" ] && ! grep -qs "/${1/_/-}\.ko" "$modules/modules.dep" "$modules/modules.builtin"; then
        echo "sudo apt-get install linux-image-amd64, then boot that: the kernel $release has no $1"
    else
        echo "sudo modprobe $1; if that says 'Operation not supported': $(firmware_advice)"
    fi
}

# no_kvm REASON: sets what and mend, of a host that has no /dev/kvm.
no_kvm() {
    local kind container module
    container=$(container_kind) kind=$(machine_kind) module=$(kvm_module)
    if [ -n "$container" ]; then
        what="$1: this is a container without the device" mend=$(container_advice "$container")
    elif [ -n "$module" ]; then
        what="$1, though the processor has $([ "$module" = kvm_intel ] && echo VT-x || echo AMD-V)" mend=$(module_advice "$module")
    elif [ -n "$kind" ]; then
        what="$1: this is a virtual machine without nested virtualisation" mend=$(nested_advice "$kind")
    else
        what="$1, and the processor shows no VT-x or AMD-V" mend=$(firmware_advice)
    fi
}

# poor_kvm REASON: the same of one whose /dev/kvm is of no use.
poor_kvm() {
    local kind
    kind=$(machine_kind)
    what="/dev/kvm does not really run guests: $1"
    if [[ $1 == *VirtualBox* ]]; then
        mend="end the machines of VirtualBox or VMware, which keep the processor's virtualisation to themselves"
    elif [ -n "$kind" ]; then
        what="$what; this is a virtual machine without the processor's own nested virtualisation" mend=$(nested_advice "$kind")
    else
        mend="see why: sudo dmesg | grep -i kvm; $(firmware_advice)"
    fi
}

# closed_kvm REASON: the same of one that this user may not open.
closed_kvm() {
    local container mode group user
    container=$(container_kind) user=$(id -un 2>/dev/null || id -u)
    read -r mode group <<<"$(stat -c '%a %G' "$AT/dev/kvm" 2>/dev/null || echo '? ?')"
    what=$1
    if [ -n "$container" ] && [ "$(id -u)" = 0 ]; then
        what="$1, root of a container" mend=$(container_advice "$container")
    elif [ "$group" != kvm ]; then
        what="$1 (it is $mode, of group $group)"
        mend="sudo chmod 0666 /dev/kvm, or for you alone: sudo setfacl -m u:$user:rw /dev/kvm"
    elif [[ $mode != ?[67]? ]]; then
        what="$1 (it is $mode, of group $group)" mend="sudo chmod 0660 /dev/kvm"
    elif [[ " $(id -nG "$user" 2>/dev/null) " == *" kvm "* ]]; then
        what="$1: it is in the group kvm, but has logged in before that" mend="log in anew, or for one shell: newgrp kvm"
    else
        what="$1: it is not in the group kvm" mend="sudo usermod -aG kvm $user, then log in anew"
    fi
}
