# PowerShell completion for hpcli.
Register-ArgumentCompleter -Native -CommandName hpcli -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements |
            Where-Object { $_.Extent.EndOffset -lt $cursorPosition -or ($_.Extent.EndOffset -eq $cursorPosition -and $wordToComplete -eq '') } |
            Select-Object -Skip 1 |
            ForEach-Object { $_.ToString() })
    $env:_HPCLI_COMPLETE = 'powershell'
    try {
        # PowerShell before 7.3 drops empty arguments, so the word to complete gets a leading colon.
        $lines = @(& $commandAst.CommandElements[0].ToString() @words ":$wordToComplete" 2>$null)
    }
    finally {
        Remove-Item Env:_HPCLI_COMPLETE
    }
    if ($lines.Count -eq 0 -or $lines[0] -in ':files', ':directories') {
        return
    }
    foreach ($line in $lines) {
        $value, $text = $line -split "`t", 2
        if (-not $text) { $text = $value }
        $shown = if ($value -match '[\s''"`$&|<>;(){}@#,]') { "'" + $value.Replace("'", "''") + "'" } else { $value }
        [System.Management.Automation.CompletionResult]::new($shown, $value, 'ParameterValue', $text)
    }
}
