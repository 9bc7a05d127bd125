import Glibc

/// Stands in for libFuzzer where the toolchain has none: changes the seeds at random, without learning from coverage.
///
/// It understands the options of libFuzzer that scripts/fuzz gives it.
struct MutatingDriver {
    private static let inputBytesMax = 1 << 20

    private var inputsMax = Int.max
    private var secondsMax = Int.max
    private var bytesMax = 4096
    private var words: [[UInt8]] = []
    private var seeds: [[UInt8]] = []
    private var random = SystemRandomNumberGenerator()

    /// Reads the seeds and the dictionary that the arguments name.
    init(_ arguments: [String]) {
        for argument in arguments {
            let (name, value) = Self.option(argument)
            switch name {
            case "-runs": inputsMax = Int(value) ?? inputsMax
            case "-max_total_time": secondsMax = Int(value) ?? secondsMax
            case "-max_len": bytesMax = min(Int(value) ?? bytesMax, Self.inputBytesMax)
            case "-artifact_prefix": Artifact.setPath(value + "crash")
            case "-dict": words = Self.lines(of: value).compactMap(Self.word)
            default: if !argument.hasPrefix("-") { seeds += Self.files(under: argument) }
            }
        }
    }

    /// Hands inputs to `take`: first the seeds as they are, and then, if a bound is set, what mutation makes of them.
    mutating func run(_ take: (UnsafeRawBufferPointer) -> Void) {
        Artifact.keepOnCrash()
        let began = time(nil)
        var inputs = 0
        for seed in seeds {
            Artifact.hand(seed, to: take)
            inputs += 1
        }
        while secondsMax < .max || inputsMax < .max, inputs < inputsMax, time(nil) - began < secondsMax {
            Artifact.hand(mutated(seeds.randomElement(using: &random) ?? []), to: take)
            inputs += 1
        }
        print("Done \(inputs) runs in \(time(nil) - began) second(s)")
    }

    private mutating func mutated(_ seed: [UInt8]) -> [UInt8] {
        var bytes = seed
        for _ in 0..<Int.random(in: 1...5, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            let end = min(bytes.count, place + Int.random(in: 1...16, using: &random))
            switch Int.random(in: 0..<7, using: &random) {
            case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1 where place < bytes.count: bytes[place] = .random(in: .min ... .max, using: &random)
            case 2: bytes.removeSubrange(place..<end)
            case 3: bytes.insert(contentsOf: Array(bytes[place..<end]), at: place)
            case 4: bytes.replaceSubrange(place..<end, with: words.randomElement(using: &random) ?? [])
            case 5: bytes.insert(contentsOf: words.randomElement(using: &random) ?? [], at: place)
            default:
                let other = seeds.randomElement(using: &random) ?? []
                let from = Int.random(in: 0...other.count, using: &random)
                bytes.replaceSubrange(place..., with: other[from...])
            }
        }
        return Array(bytes.prefix(bytesMax))
    }

    private static func option(_ argument: String) -> (name: Substring, value: String) {
        let parts = argument.split(separator: "=", maxSplits: 1)
        return (parts.first ?? "", parts.count == 2 ? String(parts[1]) : "")
    }

    /// A word of a dictionary: between quotes, with `\xHH` for what is not printable.
    private static func word(_ line: [UInt8]) -> [UInt8]? {
        guard line.count > 2 else { return nil }
        var rest = line.dropFirst().dropLast()
        var word: [UInt8] = []
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), rest.first == UInt8(ascii: "x") else {
                word.append(byte)
                continue
            }
            word.append(UInt8(String(decoding: rest.dropFirst().prefix(2), as: UTF8.self), radix: 16) ?? 0)
            rest = rest.dropFirst(3)
        }
        return word
    }

    private static func lines(of path: String) -> [[UInt8]] {
        content(of: path).split(separator: 0x0A).map(Array.init)
    }

    private static func files(under path: String) -> [[UInt8]] {
        guard let folder = opendir(path) else { return [content(of: path)] }
        defer { closedir(folder) }
        var files: [[UInt8]] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { files.append(content(of: "\(path)/\(name)")) }
        }
        return files
    }
}

/// The bytes of a file; ends the process when it can't be read.
func content(of path: String) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { stop("\(path) can't be read") }
    defer { close(descriptor) }
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = read(descriptor, &chunk, chunk.count), count > 0 { content += chunk[..<count] }
    return content
}

/// The input at hand, which a signal handler writes to a file when the process dies of it.
private enum Artifact {
    // Set before the first input and read by the handler of the same thread.
    nonisolated(unsafe) private static var path = strdup("crash")
    nonisolated(unsafe) private static var input = UnsafeRawBufferPointer(start: nil, count: 0)

    static func setPath(_ text: String) { path = strdup(text) }

    static func hand(_ bytes: [UInt8], to take: (UnsafeRawBufferPointer) -> Void) {
        bytes.withUnsafeBytes {
            input = $0
            take($0)
        }
    }

    static func keepOnCrash() {
        for number in [SIGABRT, SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE] { signal(number, keepInput) }
    }

    private static let keepInput: @convention(c) (Int32) -> Void = { number in
        let descriptor = path.map { open($0, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644) } ?? -1
        _ = write(descriptor, input.baseAddress, input.count)
        signal(number, SIG_DFL)
        raise(number)
    }
}
