// The smallest program: C only, so that it also links as static and static-pie.
#include <stdio.h>

int main(void) {
  puts("hello from a program");
  return 0;
}
