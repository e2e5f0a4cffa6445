// A thread in which mediabunny reads.
import { MediabunnyProbe } from './mediabunny-probe.ts';
import { serve } from './thread-side.ts';

serve(new MediabunnyProbe());
