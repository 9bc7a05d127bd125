import Foundation
import Glibc
import Lifecycle
import Testing

@testable import Logging

/// A pipe that a logger writes to and the test reads from.
private final class LogPipe {
    let readEnd: Int32
    let writeEnd: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0)
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Everything that is in the pipe now.
    func contents() -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        var poller = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
        while poll(&poller, 1, 0) == 1 {
            let count = read(readEnd, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Fills the pipe to the last byte.
    func fill() {
        _ = fcntl(writeEnd, F_SETFL, O_NONBLOCK)
        let bytes = [UInt8](repeating: UInt8(ascii: "x"), count: 4096)
        while write(writeEnd, bytes, bytes.count) > 0 {}
        while write(writeEnd, bytes, 1) > 0 {}
        _ = fcntl(writeEnd, F_SETFL, 0)
    }
}

@Suite struct LogLineTests {
    private func line(
        _ format: LogFormat, _ message: String, _ fields: Logger.Fields = [:], level: LogLevel = .info
    ) -> String {
        let time: Int64 = 1_769_949_296_007_999_999
        let line = LogLine(service: "eve-reader", level: level, message: message, fields: fields, time: time)
        return String(decoding: line.bytes(as: format), as: UTF8.self)
    }

    @Test func textHasColumns() {
        #expect(
            line(.text, "connected", ["host": "10.0.0.5", "port": 6379, "path": "/a b", "reason": ""])
                == """
                2026-02-01T12:34:56.007Z INFO    eve-reader         connected \
                host=10.0.0.5 port=6379 path="/a b" reason=""

                """)
        #expect(line(.text, "slow", level: .warning) == "2026-02-01T12:34:56.007Z WARNING eve-reader         slow\n")
    }

    @Test func jsonKeepsTypes() {
        #expect(
            line(.json, "connected", ["host": "10.0.0.5", "port": UInt16(6379), "ratio": 0.5, "tls": false])
                == """
                {"time":"2026-02-01T12:34:56.007Z","level":"info","service":"eve-reader","message":"connected",\
                "host":"10.0.0.5","port":6379,"ratio":0.5,"tls":false}

                """)
    }

    @Test func whatHidesOrTurnsTextIsVisible() {
        let name = "/a\u{202E}nosj\u{2066}\u{200B}\u{2028}\u{A0}\u{E0041}\u{3164}"
        let shown = #"/a\u202enosj\u2066\u200b\u2028\u00a0\udb40\udc41\u3164"#
        #expect(TextEscaping.visible(name) == shown)
        #expect(line(.json, "m", ["path": name]).hasSuffix("\"path\":\"\(shown)\"}\n"))
        #expect(!line(.text, "m \(name)", ["path": name]).unicodeScalars.contains("\u{202E}"))
        let marks = String(repeating: "\u{301}", count: 4)
        #expect(TextEscaping.visible("e" + marks + "\u{301}e\u{301}") == "e\(marks)\\u0301e\u{301}")
        #expect(TextEscaping.visible("\u{301}e") == #"\u0301e"#)
        #expect(TextEscaping.visible("Grüße שלום ภาษาที่ 日本 ✓ /ä") == "Grüße שלום ภาษาที่ 日本 ✓ /ä")
    }

    @Test func jsonNamesStayUnique() {
        #expect(line(.json, "m", ["level": "x"]).hasSuffix("\"message\":\"m\",\"level_\":\"x\"}\n"))
        #expect(line(.json, "m", ["r": Double.infinity, "n": Double.nan]).hasSuffix("\"r\":\"inf\",\"n\":\"nan\"}\n"))
    }

    @Test(arguments: [LogFormat.text, .json]) func nothingFromOutsideEndsTheLineOrItsQuotes(format: LogFormat) throws {
        let wild = "a\nb\r\tc\u{1B}[2Jd\0\u{7F}\u{9B}\"\\é€😀\u{2028}"
        let text = line(format, wild, ["field": wild])
        #expect(text.utf8.filter { $0 == UInt8(ascii: "\n") }.count == 1)
        #expect(text.unicodeScalars.dropLast().allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
        guard format == .json else {
            #expect(text.contains(#"a\nb\r\tc\u001b[2Jd\u0000\u007f\u009b"\é€😀"#))
            #expect(text.contains(#"field="a\nb\r\tc\u001b[2Jd\u0000\u007f\u009b\"\\é€😀"#))
            return
        }
        let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: String])
        #expect(object["message"] == wild)
        #expect(object["field"] == wild)
    }

    @Test(arguments: [LogFormat.text, .json]) func linesAreBounded(format: LogFormat) throws {
        let long = String(repeating: "\u{1}", count: 100_000)
        let text = line(format, long, ["one": long, "two": long, "three": long, "small": 1])
        #expect(text.utf8.count <= LogLine.bytesMax)
        #expect(text.contains("truncated"))
        #expect(text.hasSuffix(format == .json ? "}\n" : "true\n"))
        if format == .json { _ = try JSONSerialization.jsonObject(with: Data(text.utf8)) }
    }

    @Test func invalidTextIsRepaired() {
        #expect(line(.text, String(decoding: [0x61, 0xFF, 0x62], as: UTF8.self)).hasSuffix("a\u{FFFD}b\n"))
    }
}

@Suite struct LoggerTests {
    @Test func writesFromItsLevelOn() {
        let pipe = LogPipe()
        let logger = Logger(service: "s", level: .notice, descriptor: pipe.writeEnd)
        var made = 0
        func message(_ text: String) -> String {
            made += 1
            return text
        }
        logger.debug(message("debug"))
        logger.info(message("info"))
        logger.notice(message("notice"))
        logger.warning(message("warning"))
        logger.error(message("error"))
        let lines = pipe.contents().split(separator: "\n").map { $0.split(separator: " ").last.map(String.init) }
        #expect(lines == ["notice", "warning", "error"])
        #expect(made == 3)
    }

    @Test func aReaderThatSleepsDoesNotHoldTheCallerUp() {
        let pipe = LogPipe()
        let logger = Logger(service: "s", descriptor: pipe.writeEnd)
        pipe.fill()
        let start = MonotonicClock.nanoseconds()
        for _ in 0..<1_000 { logger.info("nobody reads this") }
        #expect(MonotonicClock.nanoseconds() - start < 5_000_000_000)
        #expect(logger.linesDropped == 1_000)

        _ = pipe.contents()
        logger.info("read again")
        let lines = pipe.contents().split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.first == "(1000 log lines were dropped: the output took none)")
        #expect(lines.last?.hasSuffix("read again") == true)
    }

    @Test func linesOfManyThreadsDoNotMix() {
        let pipe = LogPipe()
        let logger = Logger(service: "s", format: .json, descriptor: pipe.writeEnd)
        let threads = (0..<8).map { number in
            DedicatedThread { for _ in 0..<20 { logger.info("line", ["thread": number]) } }
        }
        for thread in threads { thread.join() }
        let lines = pipe.contents().split(separator: "\n")
        #expect(lines.count == 160)
        #expect(lines.allSatisfy { $0.hasPrefix("{\"time\":") && $0.hasSuffix("}") })
    }

    @Test func aClosedOutputIsHarmless() {
        let logger = Logger(service: "s", descriptor: 1_000_000)
        logger.error("lost")
        #expect(logger.linesDropped == 1)
        Logger.silent.error("never written")
    }
}
