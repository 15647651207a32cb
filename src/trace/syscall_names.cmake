# Writes the numbers and names of <asm/unistd_64.h>, as the compiler sees it, as lines for an array's initializer.
#   cmake -DCOMPILER=cc -DOUTPUT=file -P syscall_names.cmake
execute_process(
  COMMAND "${COMPILER}" -E -dM -include asm/unistd_64.h -x c /dev/null
  OUTPUT_VARIABLE macros COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "#define __NR_[a-z0-9_]+ [0-9]+" macros "${macros}")
set(lines "")
foreach(macro IN LISTS macros)
  string(REGEX REPLACE "#define __NR_([a-z0-9_]+) ([0-9]+)" "{\\2, \"\\1\"},\n" line "${macro}")
  string(APPEND lines "${line}")
endforeach()
file(WRITE "${OUTPUT}" "${lines}")
