import CivilTime
import Configuration
import HTTPServer
import JSON
import Lifecycle

/// The answer of `/settings`: which keys this process reads, where each has its value from, and since when it has them. The
/// values themselves are not told.
struct SettingOrigins: Sendable {
    let response: ServerResponse

    init(_ reader: ConfigurationReader) {
        let text = JSONWriter.objectText { json in
            json.member("started", UTCTimestamp(WallClock.nanoseconds(), .milliseconds).description)
            json.member("file", reader.file?.path)
            json.object("keys") { keys in
                for setting in reader.effective { keys.member(setting.name, Self.words(setting.origin)) }
            }
        }
        response = ServerResponse(contentType: "application/json", text: text + "\n")
    }

    private static func words(_ origin: ConfigurationOrigin) -> String {
        switch origin {
        case .fallback: "default"
        case .file: "file"
        case .environment(let variable), .environmentFile(let variable, _): "environment \(variable)"
        case .flag(let option): option
        }
    }
}
