// For the tests: starts a program that never ends, says its number, and waits to be killed.
import Glibc
import Processes

let child = try ChildProcess(Program("/bin/sleep", ["1000"]))
print(child.pid)
fflush(nil)
pause()
