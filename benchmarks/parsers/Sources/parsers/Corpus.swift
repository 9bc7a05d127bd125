import Glibc

/// Lines of NDJSON files, one after the other in memory, with room behind for what simdjson reads past the end.
struct Corpus {
    private let bytes: [UInt8]
    private let lines: [Range<Int>]
    private let lineBytes: Int

    /// Reads the files; stops the program when one can't be read.
    init(_ paths: [String]) {
        var bytes: [UInt8] = []
        for path in paths {
            guard let file = fopen(path, "r") else {
                perror(path)
                exit(2)
            }
            var chunk = [UInt8](repeating: 0, count: 1 << 16)
            while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
            fclose(file)
        }
        var lines: [Range<Int>] = []
        var begin = 0
        for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
            if index > begin { lines.append(begin..<index) }
            begin = index + 1
        }
        self.bytes = bytes + [UInt8](repeating: 0x20, count: 128)
        self.lines = lines
        lineBytes = lines.reduce(0) { $0 + $1.count }
        print("\(lines.count) lines, \(lineBytes / max(1, lines.count)) bytes each")
    }

    /// Runs `parse` over all lines until two seconds of CPU time are used, and prints the best round.
    func measure(_ name: String, _ parse: (UnsafeRawBufferPointer) -> UInt64) {
        var best = Double.infinity
        var checksum: UInt64 = 0
        var failed = 0
        let deadline = cpuSeconds() + 2
        bytes.withUnsafeBytes { text in
            repeat {
                (checksum, failed) = (0, 0)
                let start = cpuSeconds()
                for line in lines {
                    let result = parse(UnsafeRawBufferPointer(rebasing: text[line]))
                    if result == .max { failed += 1 } else { checksum &+= result }
                }
                best = min(best, cpuSeconds() - start)
            } while cpuSeconds() < deadline
        }
        let perMillion = best / Double(lines.count) * 1e6
        let rate = Double(lineBytes) / best / 1e6
        print(
            "\(name): \((perMillion * 1000).rounded() / 1000) CPU-s per million, \(Int(rate)) MB/s,"
                + " failed \(failed), checksum \(checksum)")
    }

    private func cpuSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
