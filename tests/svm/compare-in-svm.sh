# For run-in-svm: compare-in-svm.sh MAYFLY PROGRAM... - each program must print the same natively and in a machine.
# The harness marks its machines by these variables, which are no options of mayfly.
unset MAYFLY_SVM MAYFLY_REQUIRE_KVM
mayfly=$1
shift
for program in "$@"; do
  "$program" >/tmp/native.out </dev/null || exit 1
  # What nobody in the machine listens on leads to the host's loopback, where the rules have their say before Linux does.
  "$mayfly" run --memory 256m --boot-timeout 100s --allow-net 127.0.0.0/8 --allow-net ::1 -- "$program" \
    >/tmp/machine.out </dev/null || exit 1
  /bin/busybox cmp /tmp/native.out /tmp/machine.out || exit 1
  echo "same output: $program"
done
