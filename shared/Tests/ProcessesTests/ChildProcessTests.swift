import Glibc
import Lifecycle
import Processes
import ServiceTesting
import Testing

@Suite struct ChildProcessTests {
    /// Long enough for a busy machine; nothing waits for its end.
    private static var soon: Deadline { .milliseconds(20_000) }

    private func shell(_ script: String, bytesMax: Int = 4_096) -> Program {
        var program = Program("/bin/sh", ["-c", script])
        program.output = .caught(bytesMax: bytesMax)
        return program
    }

    private func output(_ program: Program) throws -> (ending: ProcessEnding?, text: String) {
        let child = try ChildProcess(program)
        let ending = child.wait(until: Self.soon)
        return (ending, String(decoding: child.output, as: UTF8.self))
    }

    @Test func theStatusAndTheOutputOfBothKindsAreTaken() throws {
        let (ending, text) = try output(shell("echo out; echo err >&2; exit 3"))
        #expect(ending == .exited(status: 3))
        #expect(text == "out\nerr\n")
    }

    @Test func wordsReachTheProgramAsTheyAre() throws {
        var program = Program("/bin/sh", ["-c", #"printf '%s|' "$0" "$@""#, "$(id)", "a b", "", "'\"\\ü"])
        program.output = .caught(bytesMax: 100)
        #expect(try output(program).text == "$(id)|a b||'\"\\ü|")
    }

    @Test func itMayBeToldAnotherName() throws {
        var program = shell("cat /proc/$$/cmdline")
        program.name = "another"
        #expect(try output(program).text.hasPrefix("another\0-c\0"))
    }

    @Test func theEnvironmentIsTheGivenOneAlone() throws {
        var program = Program("/usr/bin/env")
        program.environment = ["A": "1=2"]
        program.output = .caught(bytesMax: 100)
        #expect(try output(program).text == "A=1=2\n")
    }

    @Test func itStartsInTheGivenFolder() throws {
        let folder = try TemporaryDirectory("processes")
        var program = shell("pwd -P")
        program.folder = folder.path
        let resolved = try #require(realpath(folder.path, nil))
        defer { free(resolved) }
        #expect(try output(program).text == String(cString: resolved) + "\n")
    }

    @Test func outputBeyondTheBoundIsThrownAwayAndSaidSo() throws {
        let child = try ChildProcess(shell("head -c 3000000 /dev/zero; exit 5", bytesMax: 1_000))
        #expect(child.wait(until: Self.soon) == .exited(status: 5))
        #expect(child.output == [UInt8](repeating: 0, count: 1_000))
        #expect(child.isOutputCut)
    }

    @Test func whatIsNoProgramSaysWhy() {
        for (path, code) in [("/nonexistent", ENOENT), ("/etc/passwd", EACCES), ("/", EACCES)] {
            #expect { try ChildProcess(Program(path)) } throws: { ($0 as? ProcessError)?.code == code }
        }
        var program = Program("/bin/true")
        program.folder = "/nonexistent"
        #expect(throws: ProcessError.self) { try ChildProcess(program) }
    }

    /// What this process blocks or ignores would make a child that cannot be stopped.
    @Test func signalsThatAreBlockedHereEndTheChildAllTheSame() throws {
        var (set, before) = (sigset_t(), sigset_t())
        sigemptyset(&set)
        sigaddset(&set, SIGTERM)
        pthread_sigmask(SIG_BLOCK, &set, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let child = try ChildProcess(Program("/bin/sleep", ["1000"]))
        #expect(child.stop(graceMilliseconds: 20_000) == .killed(signal: SIGTERM))
    }

    @Test func whoeverDoesNotObeyIsKilledWithAllThatItStarted() throws {
        let child = try ChildProcess(shell("trap '' TERM; sleep 1000 & echo $!; wait; wait"))
        while child.output.isEmpty { #expect(child.wait(until: .milliseconds(10)) == nil) }
        let grandchild = try #require(pid_t(String(decoding: child.output, as: UTF8.self).dropLast()))
        #expect(child.stop(graceMilliseconds: 50) == .killed(signal: SIGKILL))
        let deadline = Self.soon
        while isRunning(grandchild), !deadline.hasPassed { usleep(1_000) }
        #expect(!isRunning(grandchild))
    }

    @Test func limitsAreTheKernels() throws {
        var program = shell("ulimit -n; ulimit -t; ulimit -f; ulimit -v")
        program.limits.descriptors = 20
        program.limits.processorSeconds = 7
        program.limits.fileBytes = 512 * 10
        program.limits.addressSpaceBytes = 1024 * 1_000_000
        #expect(try output(program).text == "20\n7\n10\n1000000\n")
    }

    @Test func noDescriptorOfThisProcessLeaksIn() throws {
        let open = open("/dev/null", O_RDONLY)
        defer { close(open) }
        #expect(try output(shell("ls /proc/self/fd | wc -l")).text == "4\n", "three, and the folder that ls reads")
    }

    @Test func waitingEndsWithTheStopSignal() throws {
        let child = try ChildProcess(Program("/bin/sleep", ["1000"]))
        let stop = StopSignal()
        stop.stop()
        #expect(child.wait(until: Self.soon, stop: stop) == nil)
        #expect(child.kill() == .killed(signal: SIGKILL))
        #expect(child.kill() == .killed(signal: SIGKILL), "a second time changes nothing")
    }

    @Test func aChildThatIsLetGoEnds() throws {
        var child: ChildProcess? = try ChildProcess(Program("/bin/sleep", ["1000"]))
        let pid = try #require(child?.pid)
        child = nil
        #expect(!isRunning(pid))
    }

    /// Not even SIGKILL of the one that started it leaves a child behind.
    @Test func aChildDiesWithItsParent() throws {
        var program = Program(builtProgram("processes-probe"))
        program.output = .caught(bytesMax: 100)
        let parent = try ChildProcess(program)
        while !parent.output.contains(UInt8(ascii: "\n")) { #expect(parent.wait(until: .milliseconds(10)) == nil) }
        let child = try #require(pid_t(String(decoding: parent.output, as: UTF8.self).dropLast()))
        // Only this one, and not its group, of which the child is no member.
        kill(parent.pid, SIGKILL)
        let deadline = Self.soon
        while isRunning(child), !deadline.hasPassed { usleep(1_000) }
        #expect(!isRunning(child))
    }

    /// A process that has ended, and that nobody has reaped yet, has no command line any more.
    private func isRunning(_ pid: pid_t) -> Bool {
        guard let file = fopen("/proc/\(pid)/cmdline", "r") else { return false }
        defer { fclose(file) }
        return fgetc(file) != EOF
    }
}
