// Needs what machines do not have: `needing fork` a child process, `needing shmget` memory shared with another.
// Ends with status 3 if it is told that there is none.
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

int start_worker(void) {
  pid_t child = fork();
  if (child == 0) _exit(0);
  if (child > 0) waitpid(child, NULL, 0);
  return child < 0 ? 3 : 0;
}

int share_memory(void) {
  int id = shmget(IPC_PRIVATE, 4096, 0600);
  if (id >= 0) shmctl(id, IPC_RMID, NULL);
  return id < 0 ? 3 : 0;
}

int main(int argc, char** argv) {
  int status = argc > 1 && strcmp(argv[1], "fork") == 0 ? start_worker() : share_memory();
  puts(status == 0 ? "has it" : "goes without");
  return status;
}
