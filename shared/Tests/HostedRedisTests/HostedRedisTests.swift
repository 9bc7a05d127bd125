import HostedRedis
import RedisStreams
import Settings
import Testing

@Suite struct HostedRedisTests {
    @Test func theDefaultsOfTheSettingsAreThoseOfTheOptions() {
        #expect(String(reflecting: RedisOptions(RedisSettings())) == String(reflecting: RedisOptions()))
    }

    /// Whoever adds an option sees here that the settings must say it, too.
    @Test func everyOptionIsTakenFromTheSettings() {
        var settings = RedisSettings()
        (settings.host, settings.port, settings.username, settings.database) = ("r", 1, "u", 2)
        (settings.prefix, settings.usesTLS, settings.caFile) = ("p:", true, "ca")
        (settings.certificateFile, settings.keyFile) = ("certificate", "key")
        (settings.connectTimeoutMilliseconds, settings.commandTimeoutMilliseconds) = (3, 4)
        (settings.backoffMaxMilliseconds, settings.consumerIdleMaxMilliseconds) = (5, 6)
        (settings.deliveriesMax, settings.deadLettersMax, settings.deadLetterBytesMax) = (7, 8, 9)
        settings.memoryMaxPercent = 10
        let (given, plain) = (Mirror(reflecting: RedisOptions(settings)), Mirror(reflecting: RedisOptions()))
        for (option, untouched) in zip(given.children, plain.children) where option.label != "password" {
            #expect("\(option.value)" != "\(untouched.value)", "\(option.label ?? "")")
        }
    }
}
