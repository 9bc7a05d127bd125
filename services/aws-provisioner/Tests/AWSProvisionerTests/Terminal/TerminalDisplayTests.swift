import Lifecycle
import ServiceTesting
import Testing

@testable import AWSProvisioner

@Suite struct TerminalDisplayTests {
    private static func report(_ stage: Int?, _ name: String, after seconds: Int) -> ProgressReport {
        ProgressReport(
            stage: stage, of: stage == nil ? nil : 7, name: name, elapsedSeconds: seconds, nextLookSeconds: 20)
    }

    private final class Output {
        var text = ""
    }

    private func display(
        isInteractive: Bool, columns: Int = 200, _ clock: ManualClock
    ) -> (TerminalDisplay, Output) {
        let output = Output()
        let terminal = Terminal(isInteractive: isInteractive, hasColours: false, columns: columns)
        return (TerminalDisplay(terminal, clock: clock.clock) { output.text += $0 }, output)
    }

    @Test func aTerminalHasOneLineThatIsDrawnAnewWithTheTimeAsItIs() {
        let clock = ManualClock()
        let (display, output) = display(isInteractive: true, clock)
        display.begin("Domain ids-suite is being made", usually: "15 to 25 minutes")
        #expect(
            output.text.hasPrefix(
                "Domain ids-suite is being made: this usually takes 15 to 25 minutes. You may close this"))
        output.text = ""
        display.show(Self.report(3, "Creating a new environment", after: 365))
        #expect(
            output.text
                == "\r\u{1B}[Kstage 3 of 7: Creating a new environment, 6 min 5 s of usually 15 to 25 minutes, next look in 20 s"
        )
        output.text = ""
        clock.advance(milliseconds: 2_000)
        display.tick()
        #expect(output.text.hasSuffix("6 min 7 s of usually 15 to 25 minutes, next look in 18 s"))
        display.end()
        #expect(output.text.hasSuffix("\r\u{1B}[K"))
    }

    @Test(arguments: [
        (80, "stage 3 of 7: Creating a new environment, 6 min 5 s, next look in 20 s"),
        (60, "stage 3 of 7: Creating a new environment, 6 min 5 s"), (24, "stage 3 of 7: Creating…"),
    ])
    func aNarrowTerminalKeepsItsLine(columns: Int, line: String) {
        let (display, output) = display(isInteractive: true, columns: columns, ManualClock())
        display.begin("A domain", usually: "15 to 25 minutes")
        output.text = ""
        display.show(Self.report(3, "Creating a new environment", after: 365))
        #expect(output.text == "\r\u{1B}[K\(line)")
    }

    @Test func withoutATerminalThereIsALineForEachStageAndEachMinute() {
        let clock = ManualClock()
        let (display, output) = display(isInteractive: false, clock)
        for look in 0..<10 {
            display.show(Self.report(look < 5 ? nil : 2, look < 5 ? "Creating" : "Provisioning", after: look * 20))
            display.tick()
            clock.advance(milliseconds: 20_000)
        }
        #expect(
            output.text == """
                Creating, 0 s
                Creating, 1 min 0 s
                stage 2 of 7: Provisioning, 1 min 40 s
                stage 2 of 7: Provisioning, 2 min 40 s

                """)
    }

    @Test(arguments: [(0, "0 s"), (59, "59 s"), (60, "1 min 0 s"), (3_599, "59 min 59 s"), (3_700, "1 h 1 min")])
    func aDurationIsToldInTwoUnits(seconds: Int, text: String) {
        #expect(ProgressReport.duration(seconds) == text)
    }
}
